import { ProsoponError } from "@prosopon/errors";

/**
 * A place in an image, in pixels: (0, 0) is the top left *corner*, the centre of the first pixel is (0.5, 0.5), so that a place
 * scales with the image. Add 0.5 to coordinates of a detector that counts from the centre of the first pixel.
 */
export type Point = readonly [x: number, y: number];

/** The affine map x' = a x + b y + c, y' = d x + e y + f. */
export interface Transform {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

export function applyTransform({ a, b, c, d, e, f }: Transform, [x, y]: Point): Point {
  return [a * x + b * y + c, d * x + e * y + f];
}

/** Throws `bad-input` if the map flattens the plane. */
export function invertTransform(transform: Transform): Transform {
  const { a, b, c, d, e, f } = transform;
  const determinant = a * e - b * d;
  if (!Number.isFinite(1 / determinant)) {
    throw new ProsoponError("bad-input", "The transform has no inverse: its determinant is 0.", {
      values: { transform },
    });
  }
  return {
    a: e / determinant,
    b: -b / determinant,
    c: (b * f - e * c) / determinant,
    d: -d / determinant,
    e: a / determinant,
    f: (d * c - a * f) / determinant,
  };
}

/** First `first`, then `second`. */
export const composeTransforms = (first: Transform, second: Transform): Transform => {
  const { a, b, c, d, e, f } = second;
  return {
    a: a * first.a + b * first.d,
    b: a * first.b + b * first.e,
    c: a * first.c + b * first.f + c,
    d: d * first.a + e * first.d,
    e: d * first.b + e * first.e,
    f: d * first.c + e * first.f + f,
  };
};

export const scaling = (across: number, down: number): Transform => ({ a: across, b: 0, c: 0, d: 0, e: down, f: 0 });
