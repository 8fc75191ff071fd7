import type { Denoiser } from "./denoiser.ts";
import { combine, type Latents } from "./latents.ts";
import { checkSignal, type SampleOptions, type Sampler } from "./sampler.ts";
import type { GridLevel, SolverGrid } from "./solver-grid.ts";

/** dx̄/dς = ε with x̄ = x/α and ς = σ/α (Karras et al. 2022, eq. 4; thesis eq. 3.63): by one slope a step, or the mean of two. */
const alongSigma = (grid: SolverGrid, name: "euler" | "heun"): Sampler => ({
  specification: "sampler/v1",
  name,
  steps: grid.levels.length - 1,
  async *sample<L extends Latents>(denoise: Denoiser<L>, start: L, options: SampleOptions<L> = {}) {
    let noisy = start;
    const ask = (x: L, { time, alpha }: GridLevel) => denoise(x, { time, alpha: alpha ** 2 }, options);
    for (let index = 0; index + 1 < grid.levels.length; index++) {
      checkSignal(options.signal);
      const [from, to] = [grid.levels[index]!, grid.levels[index + 1]!];
      const { noise, denoised } = await ask(noisy, from);
      const here = noisy;
      const length = to.sigma / to.alpha - from.sigma / from.alpha;
      const along = (slope: L) => combine([to.alpha / from.alpha, here], [to.alpha * length, slope]);
      noisy = along(noise);
      if (name === "heun") {
        const there = await ask(noisy, to);
        noisy = along(combine([0.5, noise], [0.5, there.noise]));
      }
      yield { index, time: from.time, noisy, denoised };
    }
  },
});

/** Euler's method on a schedule of σ, such as `karrasGrid`. It is DDIM on that grid. One call a step. */
export const euler = (grid: SolverGrid): Sampler => alongSigma(grid, "euler");

/** Heun's method on a schedule of σ (Karras et al. 2022, algorithm 1). Two calls a step, second order. */
export const heun = (grid: SolverGrid): Sampler => alongSigma(grid, "heun");
