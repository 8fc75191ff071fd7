import type { NoiseSchedule } from "../schedule/noise-schedule.ts";
import { leastVariance, posteriorAt } from "../schedule/schedule-buffers.ts";
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

/** Ancestral sampling through all times of the schedule, from the last to 0. */
export const ancestral = (schedule: NoiseSchedule): Sampler => ({
  specification: "sampler/v1",
  name: "ancestral",
  steps: schedule.length,
  async *sample(denoise, start, options = {}) {
    let noisy = start;
    for (let time = schedule.length - 1, index = 0; time >= 0; time--, index++) {
      checkSignal(options.signal);
      const { denoised } = await denoise(noisy, { time, alpha: schedule[time]! }, options);
      noisy = ancestralStep(schedule, time, noisy, denoised, noiseFor(options, index, noisy.length));
      yield { index, time, noisy, denoised };
    }
  },
});
