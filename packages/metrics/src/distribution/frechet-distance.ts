import { ProsoponError } from "@prosopon/errors";
import { checkSignal } from "../check-signal.ts";
import type { FeatureStatistics } from "./feature-statistics.ts";
import { type MatrixProduct, plainProduct } from "./matrix-product.ts";
import { checkPositive } from "./matrix-square-root.ts";
import { pivotedCholesky } from "./pivoted-cholesky.ts";
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
  // M = factor · B · factorᵀ, [rank, rank].
  checkSignal(signal);
  const half = await product(factor, b, { m: rank, n, k: n });
  const whole = await product(half, factor, { m: rank, n: rank, k: n });
  checkSignal(signal);
  const { values } = await symmetricEigen(whole, rank, { vectors: false, product });
  checkPositive(values);
  return values.reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
}
