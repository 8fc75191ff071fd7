import { ProsoponError } from "@prosopon/errors";
import { ddimStep } from "./ddim.ts";
import type { DdimPlan } from "./ddim-plan.ts";
import type { Denoiser } from "./denoiser.ts";
import { combine, type Latents } from "./latents.ts";
import { checkSignal, type SampleOptions, type Sampler } from "./sampler.ts";

/** Weights of the newest and the older ε, by how many older ones there are (Adams–Bashforth). */
const adamsBashforth = [
  [1],
  [3 / 2, -1 / 2],
  [23 / 12, -16 / 12, 5 / 12],
  [55 / 24, -59 / 24, 37 / 24, -9 / 24],
] as const;

/**
 * Pseudo linear multistep sampling (Liu et al. 2022) along a plan with σ = 0: DDIM with an ε extrapolated from the last four. The first
 * step asks the network twice (Heun), so there is one call more than steps.
 * @throws `bad-input` for a plan that begins at ᾱ = 0, where ε says nothing of x̂₀.
 */
export function plms(plan: DdimPlan): Sampler {
  if (plan.some(({ from }) => !(from > 0)))
    throw new ProsoponError("bad-input", "PLMS cannot begin in pure noise, at ᾱ = 0.", {
      mend: "Use DDIM with a schedule of zero terminal signal.",
    });
  return {
    specification: "sampler/v1",
    name: "plms",
    steps: plan.length,
    async *sample<L extends Latents>(denoise: Denoiser<L>, start: L, options: SampleOptions<L> = {}) {
      let noisy = start;
      const history: L[] = [];
      for (const [index, step] of plan.entries()) {
        checkSignal(options.signal);
        const prediction = await denoise(noisy, { time: step.time, alpha: step.from }, options);
        const apply = (noise: L) => {
          const signal = Math.sqrt(step.from);
          const denoised = combine([1 / signal, noisy], [-Math.sqrt(1 - step.from) / signal, noise]);
          return { denoised, noisy: ddimStep({ denoised, noise }, { to: step.to, sigma: 0 }) };
        };
        let noise: L;
        if (index === 0) {
          const ahead = plan[1] ?? step;
          const trial = apply(prediction.noise).noisy;
          const next = await denoise(trial, { time: ahead.time, alpha: step.to }, options);
          noise = combine([0.5, prediction.noise], [0.5, next.noise]);
        } else {
          const weights = adamsBashforth[Math.min(history.length, 3)]!;
          noise = combine(...weights.map((w, i) => [w, [prediction.noise, ...history][i]!] as const));
        }
        history.unshift(prediction.noise);
        history.length = Math.min(history.length, 3);
        const after = apply(noise);
        noisy = after.noisy;
        yield { index, time: step.time, noisy, denoised: after.denoised };
      }
    },
  };
}
