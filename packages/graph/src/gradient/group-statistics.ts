import { apply } from "../apply.ts";
import type { Value } from "../graph.ts";
import { sizeOf } from "../make-tensor.ts";
import { add, maximum, mul, reciprocal, sqrt, square, sub } from "../ops/elementwise.ts";
import { reshape } from "../ops/movement.ts";
import { reduceSum } from "../ops/reduction.ts";
import { filled } from "./unbroadcast.ts";

export interface GroupStatistics {
  /** Mean of each group, [N, G, 1]. */
  readonly mean: Value;
  /** 1 / sqrt(variance + epsilon) of each group, [N, G, 1]. */
  readonly scale: Value;
  /** Elements of a group. */
  readonly count: number;
}

/** Up to so many numbers calls weigh more than sums: then the runtime's kernel for rows does it all in one node. */
const fewNumbers = 2 ** 17;

/** (x - mean) · scale of each group [N · G, L], with mean and scale [N · G, 1], where one node for it pays; else undefined. */
export function normalizedGroups(x: Value, groups: number, epsilon: number): readonly Value[] | undefined {
  const size = sizeOf(x.shape);
  if (size > fewNumbers || x.dtype !== "float32") return undefined;
  const rows = x.shape[0]! * groups;
  const ones = filled(x.graph, x.dtype, [size / rows], 1);
  const inputs = [reshape(x, [rows, size / rows]), ones];
  return apply(x.graph, "LayerNormalization", inputs, { axis: -1, epsilon }, { outputs: 3 });
}

/**
 * Mean and reciprocal standard deviation of groups of channels of x [N, C, spatial...], from Σx and Σx². Group normalisation
 * and its gradient both call this, so that the nodes are built once. Loses digits where |mean| is far above the deviation.
 */
export function groupStatistics(x: Value, groups: number, epsilon: number): GroupStatistics {
  const n = x.shape[0]!;
  const count = sizeOf(x.shape) / (n * groups);
  const found = normalizedGroups(x, groups, epsilon);
  if (found) return { mean: reshape(found[1]!, [n, groups, 1]), scale: reshape(found[2]!, [n, groups, 1]), count };
  const sum = (v: Value) => mul(reduceSum(reshape(v, [n, groups, count]), { axes: [2], keep: true }), 1 / count);
  const mean = sum(x);
  const variance = maximum(sub(sum(square(x)), square(mean)), 0);
  return { mean, scale: reciprocal(sqrt(add(variance, epsilon))), count };
}
