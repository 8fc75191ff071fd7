import type { Colour } from "@prosopon/corpus";
import type { Image, Point } from "@prosopon/media";

export const luminance = ([r, g, b]: Colour): number => 0.299 * r + 0.587 * g + 0.114 * b;

/** The colour of a pixel; beyond the edge that of the edge. */
export function pixelAt({ width, height, data }: Image, x: number, y: number): Colour {
  const column = Math.min(width - 1, Math.max(0, Math.floor(x)));
  const row = Math.min(height - 1, Math.max(0, Math.floor(y)));
  const at = 3 * (row * width + column);
  return [data[at]!, data[at + 1]!, data[at + 2]!];
}

/** Pixels of a disc. */
export function disc(image: Image, [x, y]: Point, radius: number): Colour[] {
  const found: Colour[] = [];
  for (let dy = -Math.ceil(radius); dy <= radius; dy++)
    for (let dx = -Math.ceil(radius); dx <= radius; dx++)
      if (dx * dx + dy * dy <= radius * radius) found.push(pixelAt(image, x + dx, y + dy));
  return found;
}

/** Median of each channel over the pixels whose luminance lies between two shares (0..1) of all. */
export function middleColour(pixels: readonly Colour[], from = 0, till = 1): Colour {
  const sorted = pixels.toSorted((a, b) => luminance(a) - luminance(b));
  const some = sorted.slice(Math.floor(from * sorted.length), Math.max(1, Math.ceil(till * sorted.length)));
  const median = (c: number) => some.map((one) => one[c]!).sort((a, b) => a - b)[Math.floor(some.length / 2)] ?? 0;
  return [median(0), median(1), median(2)];
}

/** The weighted mean of places. */
export const blend = (points: readonly Point[], weights: readonly number[]): Point => {
  const total = weights.reduce((a, b) => a + b);
  return [0, 1].map(
    (axis) => points.reduce((sum, p, i) => sum + p[axis]! * weights[i]!, 0) / total,
  ) as unknown as Point;
};
