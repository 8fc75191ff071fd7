import type { Denoiser } from "./denoiser.ts";
import { combine, type Latents } from "./latents.ts";
import { checkSignal, noiseFor, type SampleOptions, type Sampler } from "./sampler.ts";
import type { GridLevel, SolverGrid } from "./solver-grid.ts";

export interface MultistepSdeOptions {
  /** Default 2: the x̂₀ of the step before is used too. */
  readonly order?: 1 | 2;
}

/** SDE-DPM-Solver++ (Lu et al. 2022, section 5): the stochastic sampler of the same family; needs noise at every step. */
export const multistepSde = (grid: SolverGrid, { order = 2 }: MultistepSdeOptions = {}): Sampler => ({
  specification: "sampler/v1",
  name: `sde-dpm-solver++(${order}m)`,
  steps: grid.levels.length - 1,
  async *sample<L extends Latents>(denoise: Denoiser<L>, start: L, options: SampleOptions<L> = {}) {
    let noisy = start;
    let before: { readonly level: GridLevel; readonly denoised: L } | undefined;
    for (let index = 0; index + 1 < grid.levels.length; index++) {
      checkSignal(options.signal);
      const [from, to] = [grid.levels[index]!, grid.levels[index + 1]!];
      const { denoised } = await denoise(noisy, { time: from.time, alpha: from.alpha ** 2 }, options);
      const h = to.lambda - from.lambda;
      const weight = -to.alpha * Math.expm1(-2 * h);
      const r = before && order === 2 ? (from.lambda - before.level.lambda) / h : Number.POSITIVE_INFINITY;
      noisy = combine(
        [(to.sigma / from.sigma) * Math.exp(-h), noisy],
        [weight * (1 + 0.5 / r), denoised],
        ...(before ? [[(-0.5 * weight) / r, before.denoised] as const] : []),
        [to.sigma * Math.sqrt(-Math.expm1(-2 * h)), noiseFor(options, index, noisy.length)],
      );
      before = { level: from, denoised };
      yield { index, time: from.time, noisy, denoised };
    }
  },
});
