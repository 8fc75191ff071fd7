import { ProsoponError } from "@prosopon/errors";
import { type Image, image } from "./image.ts";

export interface DetailOptions {
  /** Change in levels of 255 at which half of the edit is taken; default 5. */
  readonly tolerance?: number;
  /** Side of the square over which change is averaged, odd; default 13. */
  readonly reach?: number;
}

/**
 * Gives an edited picture back what the edit left alone: edited + w (source - edited), with w = 1 / (1 + (d / tolerance)⁴) where the edit
 * differs by d from the reconstruction, averaged over channels and a square. What the edit left alone is then the source's, pixel for
 * pixel, with the detail that the autoencoder loses; what it changed is its own. All three are RGB of one size.
 */
export function keepDetail(
  edited: Image,
  { source, reconstruction }: { readonly source: Image; readonly reconstruction: Image },
  { tolerance = 5, reach = 13 }: DetailOptions = {},
): Image {
  const { width, height } = edited;
  for (const one of [source, reconstruction])
    if (one.width !== width || one.height !== height || one.channels !== 3 || edited.channels !== 3)
      throw new ProsoponError("bad-input", "Edited picture, source and reconstruction must be RGB of one size.", {
        values: { edited: [width, height], other: [one.width, one.height, one.channels] },
      });
  const change = new Float64Array(width * height);
  for (let i = 0; i < change.length; i++) {
    for (let c = 0; c < 3; c++) change[i]! += Math.abs(edited.data[3 * i + c]! - reconstruction.data[3 * i + c]!) / 3;
  }
  const mean = blurred(blurred(change, width, height, reach, 1, width), height, width, reach, width, 1);
  const result = image(width, height, 3);
  for (let i = 0; i < change.length; i++) {
    const w = 1 / (1 + (mean[i]! / tolerance) ** 4);
    for (let at = 3 * i; at < 3 * i + 3; at++)
      result.data[at] = Math.round(edited.data[at]! + w * (source.data[at]! - edited.data[at]!));
  }
  return result;
}

/** Means over `reach` neighbours along one axis: `length` places `step` apart, on `lines` lines `across` apart. */
function blurred(
  values: Float64Array,
  length: number,
  lines: number,
  reach: number,
  step: number,
  across: number,
): Float64Array {
  const half = (reach - 1) / 2;
  const result = new Float64Array(values.length);
  for (let line = 0; line < lines; line++)
    for (let i = 0; i < length; i++) {
      const [from, to] = [Math.max(0, i - half), Math.min(length - 1, i + half)];
      let sum = 0;
      for (let k = from; k <= to; k++) sum += values[line * across + k * step]!;
      result[line * across + i * step] = sum / (to - from + 1);
    }
  return result;
}
