import { ProsoponError } from "@prosopon/errors";
import type { MatrixProduct } from "./matrix-product.ts";
import { subtractProduct } from "./subtract-product.ts";

/** Columns of the factor after which what remains of the matrix is brought up to date, by large products. */
const panel = 128;

export interface CholeskyFactor {
  /** [rank, n]: the columns of L, the first one last. Then Lᵀ B L grows downwards, where its reduction to tridiagonal form is most accurate. */
  readonly factor: Float64Array;
  readonly rank: number;
}

/**
 * A = L Lᵀ of a positive semidefinite matrix [n, n], of which the lower triangle is read: the largest remaining diagonal first, until what remains
 * is rounding. @throws `bad-input` for a negative diagonal.
 */
export async function pivotedCholesky(
  matrix: Float64Array,
  n: number,
  product: MatrixProduct,
): Promise<CholeskyFactor> {
  const rest = Float64Array.from({ length: n }, (_, i) => matrix[i * n + i]!);
  const limit = n * Number.EPSILON * Math.max(...rest, 0);
  const least = rest.reduce((a, b) => Math.min(a, b), 0);
  if (least < 0)
    throw new ProsoponError("bad-input", `A covariance cannot have the variance ${least}.`, { values: { least } });
  // Less the products of all columns before those of `recent`.
  const remainder = matrix.slice();
  const factor = new Float64Array(n * n);
  const recent: Float64Array[] = [];
  for (let r = 0; r < n; r++) {
    if (recent.length === panel) {
      await subtractProduct(remainder, n, { left: recent, right: recent, length: n, product });
      recent.length = 0;
    }
    let pivot = 0;
    for (let i = 1; i < n; i++) if (rest[i]! > rest[pivot]!) pivot = i;
    if (!(rest[pivot]! > limit)) return { factor: factor.slice((n - r) * n), rank: r };
    const root = Math.sqrt(rest[pivot]!);
    const column = factor.subarray((n - 1 - r) * n, (n - r) * n);
    column.set(remainder.subarray(pivot * n, pivot * n + pivot));
    for (let i = pivot; i < n; i++) column[i] = remainder[i * n + pivot]!;
    for (const before of recent) {
      const weight = before[pivot]!;
      if (weight === 0) continue;
      for (let i = 0; i < n; i++) column[i]! -= weight * before[i]!;
    }
    for (let i = 0; i < n; i++) {
      column[i]! /= root;
      rest[i] = Math.max(0, rest[i]! - column[i]! ** 2);
    }
    column[pivot] = root;
    rest[pivot] = -1;
    recent.push(column);
  }
  return { factor, rank: n };
}
