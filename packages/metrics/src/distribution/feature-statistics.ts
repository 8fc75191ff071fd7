import { ProsoponError } from "@prosopon/errors";
import type { Judgement, Metric } from "../metric.ts";
import { checkRow } from "./features.ts";
import { plainProduct } from "./matrix-product.ts";

/** Mean and covariance of a set of features: all that the Fréchet distance needs, whatever the number of images. */
export interface FeatureStatistics {
  readonly count: number;
  /** Numbers in a feature. */
  readonly size: number;
  readonly mean: Float64Array;
  /** [size, size] row-major, unbiased (divided by count - 1), as numpy's `cov`. */
  readonly covariance: Float64Array;
  /** What made the features and how the images got there: two statistics can be compared only if it is the same. */
  readonly protocol: string;
}

export interface FeatureStatisticsOptions {
  /** Extractor with its weights' hash, resize rule and so on. */
  readonly protocol: string;
}

/** Rows that are folded into the covariance at once. */
const block = 256;

/** Streaming statistics: a row of features goes in at a time, memory is that of the covariance. */
export const featureStatistics = ({
  protocol,
}: FeatureStatisticsOptions): Metric<ArrayLike<number>, FeatureStatistics> => ({
  specification: "metric/v1",
  name: "feature-statistics",
  protocol: `Mean and unbiased covariance of features, ${protocol}.`,
  start: () => accumulate(protocol),
});

function accumulate(protocol: string): Judgement<ArrayLike<number>, FeatureStatistics> {
  let count = 0;
  let size = 0;
  let mean = new Float64Array();
  let scatter = new Float64Array();
  // Column after column, so that a product of columns runs along memory.
  let columns = new Float64Array();
  let waiting = 0;

  // Pairwise update of Chan, Golub and LeVeque 1979: blocks are centred by their own mean, so that nothing cancels.
  function fold(): void {
    if (waiting === 0) return;
    const own = new Float64Array(size);
    const centred = new Float64Array(size * waiting);
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let t = 0; t < waiting; t++) sum += columns[i * block + t]!;
      own[i] = sum / waiting;
      for (let t = 0; t < waiting; t++) centred[i * waiting + t] = columns[i * block + t]! - own[i]!;
    }
    const total = count + waiting;
    addProducts(scatter, centred, size, waiting);
    const weight = (count * waiting) / total;
    for (let i = 0; i < size; i++) {
      const di = own[i]! - mean[i]!;
      for (let j = i; j < size; j++) scatter[i * size + j]! += weight * di * (own[j]! - mean[j]!);
    }
    for (let i = 0; i < size; i++) mean[i]! += ((own[i]! - mean[i]!) * waiting) / total;
    count = total;
    waiting = 0;
  }

  return {
    add(row) {
      if (size === 0) {
        checkRow(row, row.length);
        size = row.length;
        mean = new Float64Array(size);
        scatter = new Float64Array(size * size);
        columns = new Float64Array(size * block);
      } else checkRow(row, size);
      for (let i = 0; i < size; i++) columns[i * block + waiting] = row[i]!;
      waiting++;
      if (waiting === block) fold();
    },
    result() {
      fold();
      if (count < 2)
        throw new ProsoponError("bad-input", `${count} features are too few for statistics.`, {
          values: { count },
          mend: "Give at least two images; the Fréchet distance wants more than the feature's size.",
        });
      const covariance = new Float64Array(size * size);
      for (let i = 0; i < size; i++)
        for (let j = i; j < size; j++) {
          const value = scatter[i * size + j]! / (count - 1);
          covariance[i * size + j] = value;
          covariance[j * size + i] = value;
        }
      return { count, size, mean: mean.slice(), covariance, protocol };
    },
  };
}

/** Adds x·xᵀ of [size, length] to the upper triangle of `scatter`, in bands. */
function addProducts(scatter: Float64Array, x: Float64Array, size: number, length: number): void {
  const band = 64;
  for (let i0 = 0; i0 < size; i0 += band) {
    const m = Math.min(band, size - i0);
    const n = size - i0;
    const part = plainProduct(x.subarray(i0 * length, (i0 + m) * length), x.subarray(i0 * length), { m, n, k: length });
    for (let i = 0; i < m; i++) for (let j = i; j < n; j++) scatter[(i0 + i) * size + i0 + j]! += part[i * n + j]!;
  }
}
