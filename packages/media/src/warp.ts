import { type Image, image } from "./image.ts";
import { sample } from "./sample.ts";
import type { Transform } from "./transform.ts";

export interface WarpOptions {
  readonly width: number;
  readonly height: number;
  /** What lies beyond the edge: the nearest pixel (the default) or one value from 0 to 255 for each channel. */
  readonly outside?: "edge" | readonly number[];
}

/**
 * The image under `transform`, which maps places of the source to places of the result: bilinear, with sub-sampling where it
 * shrinks. Throws `bad-input` for a transform without an inverse.
 */
export function warp(source: Image, transform: Transform, { width, height, outside = "edge" }: WarpOptions): Image {
  const result = image(width, height, source.channels);
  const values = sample(source, transform, { x: 0, y: 0, width, height }, outside);
  for (let index = 0; index < values.length; index += 1) result.data[index] = Math.round(values[index]!);
  return result;
}
