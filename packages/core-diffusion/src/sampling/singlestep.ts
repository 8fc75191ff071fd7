import type { Denoiser } from "./denoiser.ts";
import { combine, type Latents } from "./latents.ts";
import { checkSignal, type SampleOptions, type Sampler } from "./sampler.ts";
import type { GridLevel, SolverGrid } from "./solver-grid.ts";

export interface SinglestepOptions {
  /** 2 (default) or 3: so many network calls a step. */
  readonly order?: 2 | 3;
}

/**
 * DPM-Solver++ without a memory (Lu et al. 2022, algorithm 1, and its third-order form): each step looks at levels inside it, so that it
 * suits few long steps and guidance that changes. Deterministic.
 */
export const singlestep = (grid: SolverGrid, { order = 2 }: SinglestepOptions = {}): Sampler => ({
  specification: "sampler/v1",
  name: `dpm-solver++(${order}s)`,
  steps: grid.levels.length - 1,
  async *sample<L extends Latents>(denoise: Denoiser<L>, start: L, options: SampleOptions<L> = {}) {
    let noisy = start;
    const ask = async (x: L, { time, alpha }: GridLevel) =>
      (await denoise(x, { time, alpha: alpha ** 2 }, options)).denoised;
    for (let index = 0; index + 1 < grid.levels.length; index++) {
      checkSignal(options.signal);
      const [from, to] = [grid.levels[index]!, grid.levels[index + 1]!];
      const h = to.lambda - from.lambda;
      const first = await ask(noisy, from);
      const here = noisy;
      const inside = (level: GridLevel, ...terms: readonly (readonly [number, L])[]): L =>
        combine([level.sigma / from.sigma, here], ...terms);
      if (order === 2) {
        const middle = grid.at(from.lambda + h / 2);
        const u = inside(middle, [-middle.alpha * Math.expm1(-h / 2), first]);
        noisy = inside(to, [-to.alpha * Math.expm1(-h), await ask(u, middle)]);
      } else {
        const [r1, r2] = [1 / 3, 2 / 3];
        const [one, two] = [grid.at(from.lambda + r1 * h), grid.at(from.lambda + r2 * h)];
        const phi = (r: number) => Math.expm1(-r * h);
        const next = (r: number) => phi(r) / (r * h) + 1;
        const a = await ask(inside(one, [-one.alpha * phi(r1), first]), one);
        const bend = (r2 / r1) * two.alpha * next(r2);
        const b = await ask(inside(two, [-two.alpha * phi(r2) - bend, first], [bend, a]), two);
        const turn = (to.alpha * next(1)) / r2;
        noisy = inside(to, [-to.alpha * phi(1) - turn, first], [turn, b]);
      }
      yield { index, time: from.time, noisy, denoised: first };
    }
  },
});
