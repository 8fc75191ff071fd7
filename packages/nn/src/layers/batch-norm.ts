import {
  add,
  batchNormalization,
  constantOf,
  div,
  mul,
  reduceMean,
  reshape,
  sizeOf,
  sqrt,
  square,
  sub,
  type Value,
  within,
} from "@prosopon/graph";
import type { Scope } from "../scope.ts";
import { ones, zeros } from "./fan-in.ts";

export interface BatchNormOptions {
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number;
  /** Weight of the new statistics in the running ones; default 0.1. */
  readonly momentum?: number;
  /**
   * Given: the training form. x is normalised with the statistics of its own batch, and the new running statistics are put into
   * this map by parameter name, over those that an earlier call of the same layer put there. Absent: the inference form.
   */
  readonly updates?: Map<string, Value>;
}

/**
 * Batch normalisation (Ioffe and Szegedy 2015) of [N, C, spatial...]. Parameters as PyTorch's `BatchNorm`: `weight` [C] ones,
 * `bias` [C] zeros and the buffers `running_mean` [C] zeros, `running_var` [C] ones, `num_batches_tracked` (int64 scalar).
 * A batch is normalised with its biased variance; the running variance takes the unbiased one.
 */
export function batchNorm(scope: Scope, x: Value, options: BatchNormOptions = {}): Value {
  const { epsilon = 1e-5, momentum = 0.1, updates } = options;
  const channels = x.shape[1] ?? 0;
  const weight = scope.parameter("weight", [channels], ones);
  const bias = scope.parameter("bias", [channels], zeros);
  const mean = scope.parameter("running_mean", [channels], zeros);
  const variance = scope.parameter("running_var", [channels], ones);
  const count = scope.parameter("num_batches_tracked", [], zeros, "int64");
  return within(scope.graph, scope.prefix, () => {
    if (!updates) return batchNormalization(x, weight, bias, mean, variance, epsilon);
    const axes = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
    const wide = [1, channels, ...new Array<number>(x.shape.length - 2).fill(1)];
    const batchMean = reduceMean(x, { axes, keep: true });
    const centred = sub(x, batchMean);
    const batchVariance = reduceMean(square(centred), { axes, keep: true });
    const samples = sizeOf(x.shape) / channels;
    const update = (buffer: string, old: Value, fresh: Value) => {
      const name = scope.prefix ? `${scope.prefix}.${buffer}` : buffer;
      const base = updates.get(name) ?? old;
      updates.set(name, add(mul(base, 1 - momentum), mul(reshape(fresh, [channels]), momentum)));
    };
    update("running_mean", mean, batchMean);
    update("running_var", variance, mul(batchVariance, samples / Math.max(samples - 1, 1)));
    const counted = scope.prefix ? `${scope.prefix}.num_batches_tracked` : "num_batches_tracked";
    updates.set(counted, add(updates.get(counted) ?? count, constantOf(scope.graph, "int64", 1)));
    const scale = div(reshape(weight, wide), sqrt(add(batchVariance, epsilon)));
    return add(mul(centred, scale), reshape(bias, wide));
  });
}

/** True for the running statistics of batch normalisation by parameter name: no optimizer may touch them. */
export const isRunningStatistic = (name: string): boolean =>
  /(^|\.)(running_mean|running_var|num_batches_tracked)$/.test(name);
