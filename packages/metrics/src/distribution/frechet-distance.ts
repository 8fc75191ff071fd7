import { ProsoponError } from "@prosopon/errors";
import { checkSignal } from "../check-signal.ts";
import type { FeatureStatistics } from "./feature-statistics.ts";
import { type MatrixProduct, plainProduct } from "./matrix-product.ts";
import { checkPositive } from "./matrix-square-root.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

export interface FrechetDistance {
  /** The squared distance: with Inception features the FID. 0 or a rounding error below for the same statistics. */
  readonly distance: number;
  /** |μr - μg|². */
  readonly meanTerm: number;
  /** tr(Σr + Σg - 2 (Σr Σg)^½). */
  readonly covarianceTerm: number;
  readonly counts: { readonly real: number; readonly generated: number };
  /** What a reader of the number has to know. */
  readonly warnings: readonly string[];
}

export interface FrechetDistanceOptions {
  /** Compares the features' protocols (default true): distances between different features mean nothing. */
  readonly sameProtocol?: boolean;
  /** Where the large products are computed; default in JavaScript. */
  readonly product?: MatrixProduct;
  readonly signal?: AbortSignal;
}

/**
 * Fréchet distance of two Gaussians (Heusel et al. 2017; Eq. 4.1 of the thesis). The trace of (Σr Σg)^½ is the sum of the square roots of the
 * eigenvalues of Lᵀ Σg L with Σr = L Lᵀ (pivoted Cholesky): a symmetric problem, real and stable when the covariances are singular, with no
 * offset added to them. @throws `bad-input` for statistics of different features.
 */
export async function frechetDistance(
  real: FeatureStatistics,
  generated: FeatureStatistics,
  { sameProtocol = true, product = plainProduct, signal }: FrechetDistanceOptions = {},
): Promise<FrechetDistance> {
  const n = real.size;
  if (n !== generated.size || (sameProtocol && real.protocol !== generated.protocol))
    throw new ProsoponError("bad-input", "The two statistics are of different features, so they have no distance.", {
      values: {
        real: [n, real.protocol],
        generated: [generated.size, generated.protocol],
      },
      mend: "Compute both with one extractor, resize rule and format.",
    });
  for (const { mean, covariance } of [real, generated])
    if (
      mean.length !== n ||
      covariance.length !== n * n ||
      !mean.every(Number.isFinite) ||
      !covariance.every(Number.isFinite)
    )
      throw new ProsoponError(
        "bad-input",
        `Statistics of ${n} dimensions hold numbers that are not finite, or too few.`,
        {
          values: { size: n, mean: mean.length, covariance: covariance.length },
          mend: "Compute them from the images once more.",
        },
      );
  let meanTerm = 0;
  let traces = 0;
  for (let i = 0; i < n; i++) {
    meanTerm += (real.mean[i]! - generated.mean[i]!) ** 2;
    traces += real.covariance[i * n + i]! + generated.covariance[i * n + i]!;
  }
  const covarianceTerm =
    traces - 2 * (await traceOfRoot(real.covariance, generated.covariance, n, { product, signal }));
  const few = Math.min(real.count, generated.count) <= n;
  return {
    distance: meanTerm + covarianceTerm,
    meanTerm,
    covarianceTerm,
    counts: { real: real.count, generated: generated.count },
    warnings: few
      ? [
          `${Math.min(real.count, generated.count)} samples do not fill ${n} dimensions: the covariance is singular and the distance biased upwards. Compare only equal counts.`,
        ]
      : [],
  };
}

/** tr (A B)^½ of positive semidefinite matrices [n, n]. */
async function traceOfRoot(
  a: Float64Array,
  b: Float64Array,
  n: number,
  { product, signal }: { readonly product: MatrixProduct; readonly signal: AbortSignal | undefined },
): Promise<number> {
  const { factor, rank } = await pivotedCholesky(a, n, product);
  if (rank === 0) return 0;
  // factor: [rank, n], row r is column r of L. M = factor · B · factorᵀ, [rank, rank].
  checkSignal(signal);
  const half = await product(factor, b, { m: rank, n, k: n });
  const whole = await product(half, factor, { m: rank, n: rank, k: n });
  checkSignal(signal);
  const { values } = symmetricEigen(whole, rank, { vectors: false });
  checkPositive(values);
  return values.reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
}

/** Rows of the factor after which what remains of the matrix is brought up to date, by one large product. */
const panel = 64;

/**
 * A = L Lᵀ with the largest remaining diagonal first, until what remains is rounding. Rows of `factor` are the columns of L.
 * @throws `bad-input` for a matrix with a negative diagonal.
 */
async function pivotedCholesky(
  matrix: Float64Array,
  n: number,
  product: MatrixProduct,
): Promise<{ readonly factor: Float64Array; readonly rank: number }> {
  const rest = Float64Array.from({ length: n }, (_, i) => matrix[i * n + i]!);
  const limit = n * Number.EPSILON * Math.max(...rest, 0);
  const least = rest.reduce((a, b) => Math.min(a, b), 0);
  if (least < 0)
    throw new ProsoponError("bad-input", `A covariance cannot have the variance ${least}.`, { values: { least } });
  // Less the products of all rows before the panel.
  const remainder = matrix.slice();
  const factor = new Float64Array(n * n);
  for (let r = 0; r < n; r++) {
    const first = r - (r % panel);
    if (r > 0 && r === first) await subtractPanel(remainder, factor.subarray((r - panel) * n, r * n), n, product);
    let pivot = 0;
    for (let i = 1; i < n; i++) if (rest[i]! > rest[pivot]!) pivot = i;
    if (!(rest[pivot]! > limit)) return { factor: factor.slice(0, r * n), rank: r };
    const root = Math.sqrt(rest[pivot]!);
    const row = factor.subarray(r * n, (r + 1) * n);
    row.set(remainder.subarray(pivot * n, (pivot + 1) * n));
    for (let s = first; s < r; s++) {
      const weight = factor[s * n + pivot]!;
      if (weight === 0) continue;
      const above = factor.subarray(s * n, (s + 1) * n);
      for (let i = 0; i < n; i++) row[i]! -= weight * above[i]!;
    }
    for (let i = 0; i < n; i++) {
      row[i]! /= root;
      rest[i] = Math.max(0, rest[i]! - row[i]! ** 2);
    }
    row[pivot] = root;
    rest[pivot] = -1;
  }
  return { factor, rank: n };
}

/** A <- A - Fᵀ F of rows F [panel, n]. */
async function subtractPanel(a: Float64Array, rows: Float64Array, n: number, product: MatrixProduct): Promise<void> {
  const columns = new Float64Array(n * panel);
  for (let s = 0; s < panel; s++) for (let i = 0; i < n; i++) columns[i * panel + s] = rows[s * n + i]!;
  const part = await product(columns, columns, { m: n, n, k: panel });
  for (let i = 0; i < part.length; i++) a[i]! -= part[i]!;
}
