import type { NoiseSchedule } from "./noise-schedule.ts";

/** Names of the buffers that a latent-diffusion checkpoint holds at its top level, in its order. */
export const scheduleBufferNames = [
  "betas",
  "alphas_cumprod",
  "alphas_cumprod_prev",
  "sqrt_alphas_cumprod",
  "sqrt_one_minus_alphas_cumprod",
  "log_one_minus_alphas_cumprod",
  "sqrt_recip_alphas_cumprod",
  "sqrt_recipm1_alphas_cumprod",
  "posterior_variance",
  "posterior_log_variance_clipped",
  "posterior_mean_coef1",
  "posterior_mean_coef2",
] as const;

export type ScheduleBufferName = (typeof scheduleBufferNames)[number];

/** The posterior q(z_{t−1} | z_t, z₀) at one time: mean = first·z₀ + second·z_t (Ho et al. 2020, eq. 7). */
export interface Posterior {
  readonly first: number;
  readonly second: number;
  readonly variance: number;
}

/** β_t, recovered from ᾱ. */
export const betaAt = (schedule: NoiseSchedule, t: number): number => 1 - schedule[t]! / (schedule[t - 1] ?? 1);

/** From ᾱ `alpha` down to ᾱ `previous`, which need not be neighbours. */
export function posteriorBetween(alpha: number, previous: number): Posterior {
  const beta = 1 - alpha / previous;
  return {
    first: (beta * Math.sqrt(previous)) / (1 - alpha),
    second: ((1 - previous) * Math.sqrt(1 - beta)) / (1 - alpha),
    variance: (beta * (1 - previous)) / (1 - alpha),
  };
}

export const posteriorAt = (schedule: NoiseSchedule, t: number): Posterior =>
  posteriorBetween(schedule[t]!, schedule[t - 1] ?? 1);

/** Variances below this count as it in the logarithm. */
export const leastVariance = 1e-20;

/** The buffers [T] of a checkpoint with this schedule, computed in float64 and stored in float32. */
export function scheduleBuffers(schedule: NoiseSchedule): Record<ScheduleBufferName, Float32Array> {
  const column = (f: (alpha: number, t: number) => number) => Float32Array.from(schedule, f);
  const posterior = Array.from(schedule, (_, t) => posteriorAt(schedule, t));
  return {
    betas: column((_, t) => betaAt(schedule, t)),
    alphas_cumprod: column((a) => a),
    alphas_cumprod_prev: column((_, t) => schedule[t - 1] ?? 1),
    sqrt_alphas_cumprod: column(Math.sqrt),
    sqrt_one_minus_alphas_cumprod: column((a) => Math.sqrt(1 - a)),
    log_one_minus_alphas_cumprod: column((a) => Math.log(1 - a)),
    sqrt_recip_alphas_cumprod: column((a) => Math.sqrt(1 / a)),
    sqrt_recipm1_alphas_cumprod: column((a) => Math.sqrt(1 / a - 1)),
    posterior_variance: column((_, t) => posterior[t]!.variance),
    posterior_log_variance_clipped: column((_, t) => Math.log(Math.max(posterior[t]!.variance, leastVariance))),
    posterior_mean_coef1: column((_, t) => posterior[t]!.first),
    posterior_mean_coef2: column((_, t) => posterior[t]!.second),
  };
}

/**
 * Weights [T] of the variational bound for ε-prediction: β²/(2·variance·α·(1−ᾱ)); the first, infinite one is replaced by the second.
 * Computed in float32 from float32 buffers, as the reference does: 1−ᾱ loses digits at small times.
 */
export function boundWeights(schedule: NoiseSchedule): Float32Array {
  const f = Math.fround;
  const { betas, posterior_variance: variances, alphas_cumprod: alphas } = scheduleBuffers(schedule);
  const weights = betas.map((beta, t) => {
    const below = f(f(f(2 * variances[t]!) * f(1 - betaAt(schedule, t))) * f(1 - alphas[t]!));
    return f(f(beta ** 2) / below);
  });
  if (weights.length > 1) weights[0] = weights[1]!;
  return weights;
}
