import { mul, sub, type Value } from "@prosopon/graph";

/**
 * How far an average moves to the parameter at its `update`-th update, counted from 1, with the warm-up of LitEma (Rombach et al. 2022):
 * 1 - min(decay, (1 + n)/(10 + n)).
 */
export const emaRate = (update: number, decay = 0.9999): number => 1 - Math.min(decay, (1 + update) / (10 + update));

/** s - rate · (s - p): the exponential moving average after one more update. `rate` is a scalar value. */
export const ema = (shadow: Value, parameter: Value, rate: Value): Value =>
  sub(shadow, mul(sub(shadow, parameter), rate));
