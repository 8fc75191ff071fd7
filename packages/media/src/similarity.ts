import { ProsoponError } from "@prosopon/errors";
import type { Point, Transform } from "./transform.ts";

/**
 * The similarity (rotation, uniform scale, shift; no reflection) with the least sum of squared distances from the images of
 * `from` to `to`: Umeyama 1991, eq. 40-42, which in the plane is the complex least-squares line w = s z + t.
 * Throws `bad-input` for fewer than two pairs, coincident points, or values that are not finite.
 */
export function similarity(from: readonly Point[], to: readonly Point[]): Transform {
  if (from.length !== to.length || from.length < 2) {
    throw new ProsoponError(
      "bad-input",
      `A similarity needs two or more pairs; ${from.length} and ${to.length} points came.`,
      {
        values: { from: from.length, to: to.length },
      },
    );
  }
  const [fromX, fromY] = centre(from);
  const [toX, toY] = centre(to);
  let real = 0;
  let imaginary = 0;
  let variance = 0;
  from.forEach(([pointX, pointY], index) => {
    const x = pointX - fromX;
    const y = pointY - fromY;
    const u = to[index]![0] - toX;
    const v = to[index]![1] - toY;
    real += x * u + y * v;
    imaginary += x * v - y * u;
    variance += x * x + y * y;
  });
  const a = real / variance;
  const d = imaginary / variance;
  if (!(Number.isFinite(a) && Number.isFinite(d)) || (a === 0 && d === 0)) {
    throw new ProsoponError("bad-input", "No similarity fits: the points coincide, or are not finite numbers.", {
      values: { from, to },
    });
  }
  return { a, b: -d, c: toX - a * fromX + d * fromY, d, e: a, f: toY - d * fromX - a * fromY };
}

function centre(points: readonly Point[]): Point {
  let x = 0;
  let y = 0;
  for (const point of points) {
    x += point[0] / points.length;
    y += point[1] / points.length;
  }
  return [x, y];
}
