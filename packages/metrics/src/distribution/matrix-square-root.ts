import { ProsoponError } from "@prosopon/errors";
import { plainProduct } from "./matrix-product.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

export interface MatrixSquareRoot {
  /** [n, n] row-major, symmetric, positive semidefinite. */
  readonly root: Float64Array;
  /** Largest deviation of root · root from the matrix, over the largest entry of the matrix. */
  readonly residual: number;
}

/**
 * The positive semidefinite square root of a covariance matrix, by its eigenvectors. Eigenvalues that rounding made negative count as 0.
 * @throws `bad-input` for a matrix that has truly negative eigenvalues or is not symmetric.
 */
export async function matrixSquareRoot(matrix: Float64Array, n: number): Promise<MatrixSquareRoot> {
  const largest = matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++)
      if (Math.abs(matrix[i * n + j]! - matrix[j * n + i]!) > 1e-9 * largest)
        throw new ProsoponError("bad-input", `The matrix is not symmetric at ${i}, ${j}.`, { values: { i, j } });
  const { values, vectors } = await symmetricEigen(matrix, n);
  checkPositive(values);
  // Columns of V scaled by the fourth root, so that the product of it with itself is V √λ Vᵀ.
  const scaled = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const weight = Math.max(0, values[i]!) ** 0.25;
    for (let j = 0; j < n; j++) scaled[j * n + i] = weight * vectors[i * n + j]!;
  }
  const root = plainProduct(scaled, scaled, { m: n, n, k: n });
  const again = plainProduct(root, root, { m: n, n, k: n });
  const worst = again.reduce((most, value, i) => Math.max(most, Math.abs(value - matrix[i]!)), 0);
  return { root, residual: largest === 0 ? 0 : worst / largest };
}

/** @throws `bad-input` for an eigenvalue below zero by more than rounding. Values ascend. */
export function checkPositive(values: Float64Array): void {
  const [least, most] = [values[0] ?? 0, values.at(-1) ?? 0];
  if (least < -1e-8 * Math.max(most, -least * 1e-3, Number.MIN_VALUE))
    throw new ProsoponError("bad-input", `A covariance cannot have the eigenvalue ${least}.`, {
      values: { least, most },
      mend: "Compute the statistics anew; these were damaged or are of something else.",
    });
}
