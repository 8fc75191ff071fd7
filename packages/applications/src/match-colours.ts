import { type Image, image, type Point } from "@prosopon/media";

/** What is added to red, green and blue. */
export type ColourShift = readonly [number, number, number];

const most = 48;

/**
 * How much brighter a crop is than what was made of it, in the band of the face just above the masked row, which the model saw: mean of each
 * channel, at most 48 of 255. Landmarks in pixels of the crop.
 */
export function colourShift(crop: Image, made: Image, landmarks: readonly Point[], row: number): ColourShift {
  const { width, height } = crop;
  const [left, right] = [landmarks[1]![0], landmarks[15]![0]].map((x) => Math.min(width, Math.max(0, Math.round(x))));
  const inset = Math.round(0.1 * (right! - left!));
  const top = Math.max(0, row - Math.round(0.09 * height));
  const sums = [0, 0, 0];
  let count = 0;
  for (let y = top; y < Math.min(row, height); y++)
    for (let x = left! + inset; x < right! - inset; x++) {
      const at = 3 * (y * width + x);
      for (let c = 0; c < 3; c++) sums[c]! += crop.data[at + c]! - made.data[at + c]!;
      count++;
    }
  const mean = (c: number) => (count === 0 ? 0 : Math.min(most, Math.max(-most, sums[c]! / count)));
  return [mean(0), mean(1), mean(2)];
}

/** A copy whose colours are shifted, clamped to 0..255. */
export function shifted(source: Image, shift: ColourShift): Image {
  const result = image(source.width, source.height, source.channels);
  source.data.forEach((value, i) => {
    result.data[i] = Math.min(255, Math.max(0, Math.round(value + shift[i % 3]!)));
  });
  return result;
}
