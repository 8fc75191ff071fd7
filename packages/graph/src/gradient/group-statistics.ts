import type { Value } from "../graph.ts";
import { sizeOf } from "../make-tensor.ts";
import { add, maximum, mul, reciprocal, sqrt, square, sub } from "../ops/elementwise.ts";
import { reshape } from "../ops/movement.ts";
import { reduceSum } from "../ops/reduction.ts";

export interface GroupStatistics {
  /** Mean of each group, [N, G, 1]. */
  readonly mean: Value;
  /** 1 / sqrt(variance + epsilon) of each group, [N, G, 1]. */
  readonly scale: Value;
  /** Elements of a group. */
  readonly count: number;
}

/**
 * Mean and reciprocal standard deviation of groups of channels of x [N, C, spatial...], from Σx and Σx². Group normalisation
 * and its gradient both call this, so that the nodes are built once. Loses digits where |mean| is far above the deviation.
 */
export function groupStatistics(x: Value, groups: number, epsilon: number): GroupStatistics {
  const n = x.shape[0]!;
  const count = sizeOf(x.shape) / (n * groups);
  const sum = (v: Value) => mul(reduceSum(reshape(v, [n, groups, count]), { axes: [2], keep: true }), 1 / count);
  const mean = sum(x);
  const variance = maximum(sub(sum(square(x)), square(mean)), 0);
  return { mean, scale: reciprocal(sqrt(add(variance, epsilon))), count };
}
