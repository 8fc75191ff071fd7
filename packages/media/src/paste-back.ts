import { ProsoponError } from "@prosopon/errors";
import type { Image } from "./image.ts";
import { sample } from "./sample.ts";
import type { Mask } from "./soft-mask.ts";
import { applyTransform, invertTransform, type Point, type Transform } from "./transform.ts";

/**
 * A copy of `full` in which the (edited) `crop` lies again where `alignFace` took it: full + m (crop - full) for each pixel,
 * with the mask m. Pixels that the mask does not reach keep their exact values, and so does alpha. `transform` maps places of
 * `full` to places of the crop. Throws `bad-input` if crop and mask differ in size, or the crop lacks the channels of `full`.
 */
export function pasteBack(full: Image, crop: Image, transform: Transform, mask: Mask): Image {
  if (mask.width !== crop.width || mask.height !== crop.height) {
    throw new ProsoponError(
      "bad-input",
      `The mask is ${mask.width} x ${mask.height}, the crop ${crop.width} x ${crop.height} pixels.`,
      { values: { mask: [mask.width, mask.height], crop: [crop.width, crop.height] } },
    );
  }
  const colours = full.channels === 1 ? 1 : 3;
  if ((crop.channels === 1 ? 1 : 3) !== colours) {
    throw new ProsoponError(
      "bad-input",
      `A crop of ${crop.channels} channels does not fit ${full.channels} channels.`,
      {
        values: { crop: crop.channels, full: full.channels },
        mend: "Convert both with toRgb.",
      },
    );
  }
  // Not slice(): the byte arrays of Node have one that shares the memory.
  const data = new Uint8Array(full.data);
  const place = invertTransform(transform);
  const corners = (
    [
      [0, 0],
      [crop.width, 0],
      [0, crop.height],
      [crop.width, crop.height],
    ] satisfies Point[]
  ).map((corner) => applyTransform(place, corner));
  // One pixel more on each side, for the bilinear neighbours.
  const bound = (axis: 0 | 1, limit: number): [number, number] => [
    Math.min(limit, Math.max(0, Math.floor(Math.min(...corners.map((corner) => corner[axis]))) - 1)),
    Math.max(0, Math.min(limit, Math.ceil(Math.max(...corners.map((corner) => corner[axis]))) + 1)),
  ];
  const [left, right] = bound(0, full.width);
  const [top, bottom] = bound(1, full.height);
  const region = { x: left, y: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
  const values = sample(crop, place, region, "edge");
  const weights = sample({ ...mask, channels: 1 }, place, region, [0]);
  for (let row = 0; row < region.height; row += 1) {
    for (let column = 0; column < region.width; column += 1) {
      const from = row * region.width + column;
      const weight = weights[from]!;
      if (weight <= 0) continue;
      const to = ((top + row) * full.width + left + column) * full.channels;
      for (let channel = 0; channel < colours; channel += 1) {
        const old = data[to + channel]!;
        data[to + channel] = Math.round(old + weight * (values[from * crop.channels + channel]! - old));
      }
    }
  }
  return { ...full, data };
}
