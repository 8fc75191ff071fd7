import { type DdimPlan, ddimStep, dpmSolverStep, type Sampler, type SolverLevel } from "@prosopon/core-diffusion";
import { ProsoponError } from "@prosopon/errors";

export interface PlanSolverOptions {
  /** Default 2. Order 1 is DDIM. */
  readonly order?: 1 | 2;
  /** Takes the last step with order 1; default: below 15 steps, as the reference does. */
  readonly lowerOrderFinal?: boolean;
}

/** α = √ᾱ, σ = √(1−ᾱ), λ = ln(α/σ). */
const levelOf = (squared: number): SolverLevel => {
  const [alpha, sigma] = [Math.sqrt(squared), Math.sqrt(1 - squared)];
  return { alpha, sigma, lambda: Math.log(alpha / sigma) };
};

/**
 * DPM-Solver++(2M) (Lu et al. 2022, algorithm 2) along the levels of a DDIM plan, so that an edit may start from a strength below 1; of a
 * reversed plan too, to noise.
 * @throws `cancelled` when the signal fires.
 */
export const planSolver = (
  plan: DdimPlan,
  { order = 2, lowerOrderFinal = plan.length < 15 }: PlanSolverOptions = {},
): Sampler => ({
  specification: "sampler/v1",
  name: order === 2 ? "dpm-solver++(2m)" : "dpm-solver++(1)",
  steps: plan.length,
  async *sample(denoise, start, options = {}) {
    let noisy = start;
    let before: { readonly level: SolverLevel; readonly denoised: typeof start } | undefined;
    for (const [index, { time, from, to }] of plan.entries()) {
      if (options.signal?.aborted)
        throw new ProsoponError("cancelled", "Sampling was cancelled.", { cause: options.signal.reason });
      const level = levelOf(from);
      const { denoised, noise } = await denoise(noisy, { time, alpha: from }, options);
      const first = order === 1 || (lowerOrderFinal && index === plan.length - 1);
      // At λ = −∞, pure noise, only DDIM's form of the first order is left.
      noisy =
        to > 0
          ? dpmSolverStep(noisy, level, levelOf(to), denoised, first ? undefined : before)
          : ddimStep({ denoised, noise }, { to, sigma: 0 });
      before = { level, denoised };
      yield { index, time, noisy, denoised };
    }
  },
});
