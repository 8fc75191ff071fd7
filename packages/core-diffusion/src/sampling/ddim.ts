import type { DdimPlan, DdimStep } from "./ddim-plan.ts";
import type { Prediction } from "./denoiser.ts";
import { combine, type Latents } from "./latents.ts";
import { checkSignal, noiseFor, type Sampler } from "./sampler.ts";

/** x ← √a'·x̂₀ + √(1−a'−σ²)·ε + σ·n (Song et al. 2021, eq. 12; thesis eq. 3.61). Pure; `fresh` is needed where σ > 0. */
export function ddimStep<L extends Latents>(
  { denoised, noise }: Prediction<L>,
  { to, sigma }: Pick<DdimStep, "to" | "sigma">,
  fresh?: L,
): L {
  const direction = Math.sqrt(Math.max(0, 1 - to - sigma ** 2));
  return combine([Math.sqrt(to), denoised], [direction, noise], ...(fresh ? [[sigma, fresh] as const] : []));
}

/** DDIM along a plan: sampling with `ddimPlan`, inversion with `inversionPlan`. */
export const ddim = (plan: DdimPlan): Sampler => ({
  specification: "sampler/v1",
  name: "ddim",
  steps: plan.length,
  async *sample(denoise, start, options = {}) {
    let noisy = start;
    for (const [index, step] of plan.entries()) {
      checkSignal(options.signal);
      const prediction = await denoise(noisy, { time: step.time, alpha: step.from }, options);
      const fresh = step.sigma > 0 ? noiseFor(options, index, noisy.length) : undefined;
      noisy = ddimStep(prediction, step, fresh);
      yield { index, time: step.time, noisy, denoised: prediction.denoised };
    }
  },
});
