import type { NoiseSchedule } from "../schedule/noise-schedule.ts";
import { leastVariance, posteriorAt, posteriorBetween } from "../schedule/schedule-buffers.ts";
import { type DdimPlan, ddimPlan } from "./ddim-plan.ts";
import { combine, type Latents } from "./latents.ts";
import { checkSignal, noiseFor, type Sampler } from "./sampler.ts";

/** z_t -> z_{t−1} given x̂₀ (Ho et al. 2020, algorithm 2): the posterior's mean plus its deviation times `fresh`, without noise at t = 0. */
export function ancestralStep<L extends Latents>(
  schedule: NoiseSchedule,
  time: number,
  noisy: L,
  denoised: L,
  fresh: L,
): L {
  const { first, second, variance } = posteriorAt(schedule, time);
  const deviation = time === 0 ? 0 : Math.sqrt(Math.max(variance, leastVariance));
  return combine([first, denoised], [second, noisy], [deviation, fresh]);
}

/**
 * Ancestral sampling along a plan of any levels: at each the posterior given x̂₀, without noise in the last step. It is DDIM with η = 1 but
 * for that; the plan's own σ is not looked at.
 */
export const ancestralAlong = (plan: DdimPlan): Sampler => ({
  specification: "sampler/v1",
  name: "ancestral",
  steps: plan.length,
  async *sample(denoise, start, options = {}) {
    let noisy = start;
    for (const [index, { time, from, to }] of plan.entries()) {
      checkSignal(options.signal);
      const { denoised } = await denoise(noisy, { time, alpha: from }, options);
      const { first, second, variance } = posteriorBetween(from, to);
      const last = index === plan.length - 1;
      noisy = combine(
        [first, denoised],
        [second, noisy],
        ...(last ? [] : [[Math.sqrt(variance), noiseFor(options, index, noisy.length)] as const]),
      );
      yield { index, time, noisy, denoised };
    }
  },
});

/** Ancestral sampling through all times of the schedule, from the last to 0, where it ends at x̂₀. */
export const ancestral = (schedule: NoiseSchedule): Sampler =>
  ancestralAlong(ddimPlan(schedule, [...schedule.keys()], { clean: "one" }));
