import { linearSchedule, scheduleBuffers } from "@prosopon/core-diffusion";
import { ProsoponError } from "@prosopon/errors";

export interface StoredSchedule {
  readonly linear_start: number;
  readonly linear_end: number;
  readonly timesteps: number;
}

/**
 * The configuration behind the stored β [T] (float32): the shortest decimals that give them again.
 * @throws `bad-file` for a schedule that is not linear in √β.
 */
export function scheduleOfBuffers(betas: ArrayLike<number>): StoredSchedule {
  const decimal = (value: number) => Number(value.toPrecision(7));
  const found = {
    linear_start: decimal(betas[0]!),
    linear_end: decimal(betas[betas.length - 1]!),
    timesteps: betas.length,
  };
  const { linear_start: start, linear_end: end, timesteps: times } = found;
  const fits = start > 0 && end > start && end < 1 && times > 1;
  const again = fits ? scheduleBuffers(linearSchedule({ start, end, times })).betas : [];
  for (let t = 0; t < betas.length; t++)
    if (!fits || !(Math.abs(again[t]! - betas[t]!) <= 1e-6 * betas[t]!))
      throw new ProsoponError(
        "bad-file",
        `Its noise schedule is not linear in the root of beta (beta[${t}] is ${betas[t]}).`,
        {
          values: { t, beta: betas[t], ...found },
          mend: 'Only the "linear" schedule of latent diffusion can be imported.',
        },
      );
  return found;
}
