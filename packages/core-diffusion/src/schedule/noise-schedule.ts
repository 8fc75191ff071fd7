import { ProsoponError } from "@prosopon/errors";

/**
 * A noise schedule: ᾱ_t for t = 0 … T−1, falling, in [0, 1]. A noisy latent is √ᾱ_t·z₀ + √(1−ᾱ_t)·ε.
 * It is data: index it, change it, make your own.
 */
export type NoiseSchedule = Float64Array;

/** ᾱ from β: the running product of 1 − β. @throws `bad-input` for a β outside [0, 1]. */
export function scheduleOfBetas(betas: ArrayLike<number>): NoiseSchedule {
  const schedule = new Float64Array(betas.length);
  let product = 1;
  for (let t = 0; t < betas.length; t++) {
    const beta = betas[t]!;
    if (!(beta >= 0 && beta <= 1))
      throw new ProsoponError("bad-input", `β[${t}] is ${beta}.`, {
        values: { t, beta },
        mend: "It must lie in [0, 1].",
      });
    product *= 1 - beta;
    schedule[t] = product;
  }
  return schedule;
}

/** ᾱ at a whole time. @throws `bad-input` when the schedule does not reach so far. */
export function alphaAt(schedule: NoiseSchedule, time: number): number {
  const alpha = schedule[time];
  if (alpha !== undefined) return alpha;
  throw new ProsoponError("bad-input", `The schedule has no time ${time}.`, {
    values: { time, times: schedule.length },
    mend: `Times are whole numbers from 0 to ${schedule.length - 1}.`,
  });
}
