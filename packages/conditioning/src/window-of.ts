import { ProsoponError } from "@prosopon/errors";
import { type Tensor, tensor } from "@prosopon/graph";

export interface WindowOptions {
  /** Frames before the target. */
  readonly before: number;
  /** Frames after it. */
  readonly after: number;
}

/**
 * What is heard around video frame k: rows k - before .. k + after of `features` [n, F] as [before + 1 + after, F], the first and last row
 * repeated past the ends (indices clamped to 0 .. n - 1, as in the reference).
 * @throws `bad-input` when there is no row or k is none of them.
 */
export function windowOf(features: Tensor<"float32">, k: number, { before, after }: WindowOptions): Tensor<"float32"> {
  const [rows, size] = features.shape as [number, number];
  if (features.shape.length !== 2 || !(Number.isInteger(k) && k >= 0 && k < rows))
    throw new ProsoponError("bad-input", `Features [${features.shape}] have no frame ${k}.`, {
      values: { shape: features.shape, k },
    });
  const window = tensor("float32", [before + 1 + after, size]);
  for (let i = -before; i <= after; i++) {
    const row = Math.min(Math.max(k + i, 0), rows - 1);
    window.data.set(features.data.subarray(row * size, (row + 1) * size), (i + before) * size);
  }
  return window;
}
