import { ProsoponError } from "@prosopon/errors";
import type { Image } from "./image.ts";
import { similarity } from "./similarity.ts";
import type { Point, Transform } from "./transform.ts";
import { warp } from "./warp.ts";

/**
 * Where five places of a face lie in the canonical square, as fractions of its side: the eye on the left of the picture, the
 * eye on the right, the tip of the nose, the left and the right corner of the mouth. It is the ArcFace template (Deng et al.
 * 2019) shrunk to three quarters and moved down, which leaves room for forehead and hair: x' = (0.86 x + 16.34) / 128 and
 * y' = (0.86 y + 22.34) / 128 of the 112-pixel template, whose points count from pixel centres.
 */
export const CANONICAL_FACE: readonly Point[] = [
  [0.38495, 0.52187],
  [0.6217, 0.52056],
  [0.50408, 0.65651],
  [0.40682, 0.79511],
  [0.60287, 0.79403],
];

/**
 * The five places of `CANONICAL_FACE` among 68 landmarks (iBUG 300-W order): the means of 36-41 and of 42-47, 30, 48, 54.
 * Throws `bad-input` if there are not 68.
 */
export function fivePoints(landmarks: readonly Point[]): Point[] {
  if (landmarks.length !== 68) {
    throw new ProsoponError("bad-input", `A face has 68 landmarks, not ${landmarks.length}.`, {
      values: { length: landmarks.length },
    });
  }
  const mean = (start: number): Point => {
    const eye = landmarks.slice(start, start + 6);
    return [eye.reduce((sum, [x]) => sum + x, 0) / 6, eye.reduce((sum, [, y]) => sum + y, 0) / 6];
  };
  return [mean(36), mean(42), landmarks[30]!, landmarks[48]!, landmarks[54]!];
}

export interface AlignedFace {
  readonly crop: Image;
  /** From places of the photograph to places of the crop; `pasteBack` takes it. */
  readonly transform: Transform;
}

export interface AlignOptions {
  /** Side of the square crop in pixels. */
  readonly size: number;
}

/**
 * The face turned and scaled into the canonical square. `landmarks` are 68 points, or the five of `CANONICAL_FACE`. Where the
 * square leaves the photograph, its edge pixels are repeated. Throws `bad-input`.
 */
export function alignFace(photograph: Image, landmarks: readonly Point[], { size }: AlignOptions): AlignedFace {
  const points = landmarks.length === 5 ? landmarks : fivePoints(landmarks);
  const transform = similarity(
    points,
    CANONICAL_FACE.map(([x, y]): Point => [x * size, y * size]),
  );
  return { crop: warp(photograph, transform, { width: size, height: size }), transform };
}
