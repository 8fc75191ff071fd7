import { ProsoponError } from "@prosopon/errors";

/** Weights from 0 to 1, one for each pixel of a crop, row by row. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/**
 * A mask that is 1 in the middle and falls to 0 at the edges over `feather` pixels along a smooth step (3 t^2 - 2 t^3).
 * `feather` runs from 0 (a hard rectangle) to half of the shorter side. Throws `bad-input`.
 */
export function softMask(width: number, height: number, feather: number): Mask {
  const whole = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (!whole || !(feather >= 0 && feather <= Math.min(width, height) / 2)) {
    throw new ProsoponError("bad-input", `A mask of ${width} x ${height} pixels cannot have a feather of ${feather}.`, {
      values: { width, height, feather },
      mend: "Use 0 to half of the shorter side.",
    });
  }
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const distance = Math.min(x + 0.5, y + 0.5, width - x - 0.5, height - y - 0.5);
      const t = feather === 0 ? 1 : Math.min(1, distance / feather);
      data[y * width + x] = t * t * (3 - 2 * t);
    }
  }
  return { width, height, data };
}
