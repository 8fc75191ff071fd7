import { type DdimPlan, dpmSolverStep, type Sampler, type SolverLevel } from "@prosopon/core-diffusion";
import { ProsoponError } from "@prosopon/errors";

export interface PlanSolverOptions {
  /** Default 2. Order 1 is DDIM. */
  readonly order?: 1 | 2;
}

/** α = √ᾱ, σ = √(1−ᾱ), λ = ln(α/σ). */
const levelOf = (squared: number): SolverLevel => {
  const [alpha, sigma] = [Math.sqrt(squared), Math.sqrt(1 - squared)];
  return { alpha, sigma, lambda: Math.log(alpha / sigma) };
};

/**
 * DPM-Solver++(2M) (Lu et al. 2022, algorithm 2) along the levels of a DDIM plan, so that an edit may start from a strength below 1.
 * The last of few steps is of order 1, as in the reference.
 * @throws `cancelled` when the signal fires.
 */
export const planSolver = (plan: DdimPlan, { order = 2 }: PlanSolverOptions = {}): Sampler => ({
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
      const { denoised } = await denoise(noisy, { time, alpha: from }, options);
      const first = order === 1 || (plan.length < 15 && index === plan.length - 1);
      noisy = dpmSolverStep(noisy, level, levelOf(to), denoised, first ? undefined : before);
      before = { level, denoised };
      yield { index, time, noisy, denoised };
    }
  },
});
