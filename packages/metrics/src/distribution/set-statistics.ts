import { ProsoponError } from "@prosopon/errors";
import { checkSignal } from "../check-signal.ts";
import type { FeatureStatistics, FeatureStatisticsOptions } from "./feature-statistics.ts";
import { checkFeatures, type Features } from "./features.ts";
import { type MatrixProduct, plainProduct } from "./matrix-product.ts";

export interface SetStatisticsOptions extends FeatureStatisticsOptions {
  /** Where the products are computed; default in JavaScript. */
  readonly product?: MatrixProduct;
  readonly signal?: AbortSignal;
}

/** Rows that meet at once, and columns of the covariance that are computed at once. */
const [block, band] = [2048, 256];

/** What `featureStatistics` gives of the rows one by one, of a whole set at once: faster with a `product` of a runtime. @throws `bad-input`, `cancelled`. */
export async function setStatistics(
  set: Features,
  { protocol, product = plainProduct, signal }: SetStatisticsOptions,
): Promise<FeatureStatistics> {
  checkFeatures(set);
  const { count, size, data } = set;
  if (count < 2)
    throw new ProsoponError("bad-input", `${count} features are too few for statistics.`, {
      values: { count },
      mend: "Give at least two images; the Fréchet distance wants more than the feature's size.",
    });
  const mean = new Float64Array(size);
  for (let i = 0; i < count; i++) for (let k = 0; k < size; k++) mean[k]! += data[i * size + k]!;
  for (let k = 0; k < size; k++) mean[k]! /= count;
  const covariance = new Float64Array(size * size);
  // Full blocks and the rest have a shape each, so that a runtime needs two sessions.
  for (let from = 0; from < count; from += block) {
    checkSignal(signal);
    const rows = Math.min(block, count - from);
    const columns = centredColumns(set, mean, { from, rows });
    // On and above the diagonal; the rest is its mirror image.
    for (let first = 0; first < size; first += band) {
      const [m, n] = [Math.min(band, size - first), size - first];
      const right = columns.subarray(first * rows);
      const part = await product(right.subarray(0, m * rows), right, { m, n, k: rows });
      for (let i = 0; i < m; i++) {
        const at = (first + i) * size + first;
        for (let j = i; j < n; j++) covariance[at + j]! += part[i * n + j]!;
      }
    }
  }
  for (let i = 0; i < size; i++)
    for (let j = i; j < size; j++) {
      covariance[i * size + j]! /= count - 1;
      covariance[j * size + i] = covariance[i * size + j]!;
    }
  return { count, size, mean, covariance, protocol };
}

/** Columns of some rows less their means, column after column. In squares, since either side alone would miss the cache. */
function centredColumns(
  { size, data }: Features,
  mean: Float64Array,
  { from, rows }: { readonly from: number; readonly rows: number },
): Float64Array {
  const columns = new Float64Array(size * rows);
  const side = 16;
  for (let i0 = 0; i0 < rows; i0 += side)
    for (let k0 = 0; k0 < size; k0 += side) {
      const [iEnd, kEnd] = [Math.min(rows, i0 + side), Math.min(size, k0 + side)];
      for (let k = k0; k < kEnd; k++) {
        const middle = mean[k]!;
        for (let i = i0; i < iEnd; i++) columns[k * rows + i] = data[(from + i) * size + k]! - middle;
      }
    }
  return columns;
}
