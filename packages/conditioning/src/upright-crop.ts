import type { FaceLandmarks } from "./face-landmarks.ts";
import { type SquareCrop, stableCrop } from "./stable-crop.ts";

export interface UprightCropOptions {
  /** Side of the result in pixels. */
  readonly side: number;
  /** Where in the result the square of `stableCrop` goes, in parts of the side; default: it is the result. */
  readonly place?: SquareCrop;
}

/**
 * The affine map x' = a x + b y + c, y' = d x + e y + f from places of a picture to places of a square of `side` pixels: upright by the line
 * between the eyes, place and size from eyes and nose alone (`stableCrop`), so that a mouth that opens does not move it.
 * @throws `bad-input` unless there are 68 finite points.
 */
export function uprightCrop(
  landmarks: FaceLandmarks,
  { side, place = { left: 0, top: 0, side: 1 } }: UprightCropOptions,
) {
  const middle = (from: number, axis: 0 | 1) =>
    landmarks.slice(from, from + 6).reduce((sum, point) => sum + point[axis], 0) / 6;
  const angle = Math.atan2(middle(42, 1) - middle(36, 1), middle(42, 0) - middle(36, 0));
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const crop = stableCrop(landmarks.map(([x, y]) => [x * cos + y * sin, y * cos - x * sin] as const));
  const scale = (place.side * side) / crop.side;
  return {
    a: scale * cos,
    b: scale * sin,
    c: place.left * side - scale * crop.left,
    d: -scale * sin,
    e: scale * cos,
    f: place.top * side - scale * crop.top,
  };
}
