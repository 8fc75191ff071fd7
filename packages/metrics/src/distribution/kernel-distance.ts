import { ProsoponError } from "@prosopon/errors";
import { checkSignal } from "../check-signal.ts";
import { checkFeaturePair, type Features } from "./features.ts";
import { gathered } from "./gathered.ts";
import { type MatrixProduct, plainProduct } from "./matrix-product.ts";
import { type PickSubset, subsetPicker } from "./pick-subset.ts";

export interface KernelOptions {
  /** Of the polynomial; default 3. */
  readonly degree?: number;
  /** Factor of the inner product; default 1 / size of the features. */
  readonly gamma?: number;
  /** Added to it; default 1. */
  readonly offset?: number;
  /** Where products are computed; default in JavaScript. */
  readonly product?: MatrixProduct;
  readonly signal?: AbortSignal;
}

export interface KernelDistanceOptions extends KernelOptions {
  /** Default 100. */
  readonly subsets?: number;
  /** Rows of each set in a subset; default 1000. */
  readonly subsetSize?: number;
  /** Names the subsets; default 2020. */
  readonly seed?: number;
  /** Another generator of subsets, such as one that repeats numpy's. */
  readonly pick?: PickSubset;
}

export interface KernelDistance {
  /** Mean over the subsets: the KID. */
  readonly mean: number;
  /** Of the subsets, divided by their number. */
  readonly standardDeviation: number;
  readonly subsets: number;
  readonly subsetSize: number;
}

/** Rows that meet at once: the tile of kernel values is this square. */
const tile = 512;

/** Unbiased estimate of the squared maximum mean discrepancy over all rows (Eq. 4.3 of the thesis; Bińkowski et al. 2018). Below 0 is possible. */
export async function squaredDiscrepancy(
  real: Features,
  generated: Features,
  options: KernelOptions = {},
): Promise<number> {
  checkFeaturePair(real, generated);
  const [m, n] = [real.count, generated.count];
  if (m < 2 || n < 2)
    throw new ProsoponError("bad-input", `The unbiased estimate needs two rows of each set, not ${m} and ${n}.`, {
      values: { real: m, generated: n },
    });
  return (
    (await kernelSum(real, real, options)) / (m * (m - 1)) +
    (await kernelSum(generated, generated, options)) / (n * (n - 1)) -
    (2 * (await kernelSum(real, generated, options))) / (m * n)
  );
}

/** Sum of the kernel over all pairs of rows; of a set with itself without each row's own. */
async function kernelSum(
  x: Features,
  y: Features,
  { degree = 3, gamma = 1 / x.size, offset = 1, product = plainProduct, signal }: KernelOptions,
): Promise<number> {
  const k = x.size;
  const [a, b] = [x.data, y.data];
  let total = 0;
  for (let i = 0; i < x.count; i += tile) {
    const m = Math.min(tile, x.count - i);
    for (let j = 0; j < y.count; j += tile) {
      const n = Math.min(tile, y.count - j);
      checkSignal(signal);
      const part = await product(a.subarray(i * k, (i + m) * k), b.subarray(j * k, (j + n) * k), { m, n, k });
      let sum = 0;
      for (let t = 0; t < part.length; t++) {
        const base = gamma * part[t]! + offset;
        sum += degree === 3 ? base * base * base : base ** degree;
      }
      if (x === y && i === j)
        for (let t = 0; t < m; t++) {
          const base = gamma * part[t * n + t]! + offset;
          sum -= degree === 3 ? base * base * base : base ** degree;
        }
      total += sum;
    }
  }
  return total;
}

/**
 * Kernel Inception distance (Bińkowski et al. 2018) with the settings of torch-fidelity: polynomial kernel of degree 3, mean and deviation of the
 * unbiased estimate over random subsets drawn without repetition. @throws `bad-input` for sets smaller than a subset.
 */
export async function kernelDistance(
  real: Features,
  generated: Features,
  { subsets = 100, subsetSize = 1000, seed = 2020, pick = subsetPicker(seed), ...kernel }: KernelDistanceOptions = {},
): Promise<KernelDistance> {
  checkFeaturePair(real, generated);
  const smaller = Math.min(real.count, generated.count);
  if (
    !(subsetSize >= 2) ||
    subsetSize > smaller ||
    !Number.isInteger(subsetSize) ||
    !Number.isInteger(subsets) ||
    subsets < 1
  )
    throw new ProsoponError(
      "bad-input",
      `${subsets} subsets of ${subsetSize} rows cannot be drawn from sets of ${smaller}.`,
      {
        values: { subsets, subsetSize, real: real.count, generated: generated.count },
        mend: `Ask for subsets of 2 to ${smaller} rows.`,
      },
    );
  const values: number[] = [];
  for (let i = 0; i < subsets; i++) {
    const first = gathered(generated, pick(generated.count, subsetSize, 2 * i));
    const second = gathered(real, pick(real.count, subsetSize, 2 * i + 1));
    values.push(await squaredDiscrepancy(second, first, kernel));
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / subsets;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / subsets;
  return { mean, standardDeviation: Math.sqrt(variance), subsets, subsetSize };
}
