import { ProsoponError } from "@prosopon/errors";
import { type Tensor, tensor } from "@prosopon/graph";
import { checkLandmarks, type FaceLandmarks } from "./face-landmarks.ts";
import { stableFace } from "./stable-crop.ts";

export interface MaskOptions {
  /**
   * "reference": from 5 pixels (of 128) above the highest landmark of the mouth, so the mask's edge follows lips and jaw. "fixed": from a line
   * between eyes and nose that neither can move, so the edge tells nothing of the speech.
   */
  readonly rule: "reference" | "fixed";
}

/**
 * First masked row of a picture of `height` rows, from 0 to `height`. Without landmarks the middle (row 64 of 128, as in the reference).
 * For "fixed" in a clip whose head keeps still, one row for all frames is safer still: the detector's tremor is then gone too.
 */
export function maskRow(height: number, landmarks: FaceLandmarks | undefined, { rule }: MaskOptions): number {
  if (!landmarks) return Math.floor(height / 2);
  checkLandmarks(landmarks);
  const inside = (row: number) => Math.min(Math.max(row, 0), height);
  if (rule === "reference") {
    // int(min y) - 5 in the reference's 128 rows; a negative row would there count from the bottom.
    const highest = Math.min(...landmarks.slice(48).map(([, y]) => y));
    return inside(Math.round(((Math.trunc(highest * 128) - 5) / 128) * height));
  }
  const { eyes, nose } = stableFace(landmarks);
  return inside(Math.round((eyes[1] + 0.85 * (nose[1] - eyes[1])) * height));
}

/**
 * A copy of planes [C, H, W] in [-1, 1] whose rows from `maskRow` down are black (-1), over the whole width: what the talking face is told of its
 * target. @throws `bad-input` for other shapes and for landmarks that are not 68 points.
 */
export function maskLowerFace(
  planes: Pick<Tensor<"float32">, "shape" | "data">,
  landmarks: FaceLandmarks | undefined,
  options: MaskOptions,
): Tensor<"float32"> {
  const [channels, height, width] = planes.shape as [number, number, number];
  if (planes.shape.length !== 3)
    throw new ProsoponError("bad-input", `A picture to be masked is [C, H, W], not [${planes.shape}].`, {
      values: { shape: planes.shape },
    });
  const row = maskRow(height, landmarks, options);
  const masked = tensor("float32", planes.shape, Float32Array.from(planes.data));
  for (let channel = 0; channel < channels; channel++)
    masked.data.fill(-1, (channel * height + row) * width, (channel + 1) * height * width);
  return masked;
}
