import { combine, type DdimPlan, type Sampler } from "@prosopon/core-diffusion";
import { ProsoponError } from "@prosopon/errors";

/**
 * Heun's method (Karras et al. 2022, algorithm 1): with x̄ = x/√ᾱ and ς = √(1/ᾱ − 1) the probability flow is dx̄/dς = ε, and a
 * step goes along the mean of the slopes at both of its ends. Two network calls a step, one in the last. For plans of `ddimPlan`.
 * @throws `bad-input` for a plan that draws noise or starts from ᾱ = 0, where ς is infinite.
 */
export function heun(plan: DdimPlan): Sampler {
  if (plan.some(({ from, sigma }) => from === 0 || sigma > 0))
    throw new ProsoponError("bad-input", "Heun's method draws no noise and cannot start from ᾱ = 0.", {
      mend: "Use a plan with eta 0 and a schedule that ends above 0.",
    });
  return {
    specification: "sampler/v1",
    name: "heun",
    steps: plan.length,
    async *sample(denoise, start, options = {}) {
      let noisy = start;
      for (const [index, { time, from, to }] of plan.entries()) {
        if (options.signal?.aborted)
          throw new ProsoponError("cancelled", "Sampling was cancelled.", { cause: options.signal.reason });
        const { denoised, noise } = await denoise(noisy, { time, alpha: from }, options);
        const length = Math.sqrt(1 / to - 1) - Math.sqrt(1 / from - 1);
        const here = noisy;
        const along = (slope: typeof start) => combine([Math.sqrt(to / from), here], [Math.sqrt(to) * length, slope]);
        noisy = along(noise);
        const next = plan[index + 1];
        if (next) {
          const there = await denoise(noisy, { time: next.time, alpha: to }, options);
          noisy = along(combine([0.5, noise], [0.5, there.noise]));
        }
        yield { index, time, noisy, denoised };
      }
    },
  };
}
