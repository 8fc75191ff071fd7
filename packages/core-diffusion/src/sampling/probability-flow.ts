import type { Denoiser } from "./denoiser.ts";
import { combine, type Latents } from "./latents.ts";
import { checkSignal, type SampleOptions, type Sampler } from "./sampler.ts";
import { type DiffusionSde, scoreOf } from "./sde.ts";

export interface ProbabilityFlowOptions {
  readonly steps: number;
  /** 1: Euler; 2 (default): Heun, two calls a step; 4: Runge–Kutta, four calls. */
  readonly order?: 1 | 2 | 4;
}

/** The deterministic way of an SDE's densities (Song et al. 2021, eq. 13): dx = [f − ½g²·∇log p] dt, backwards, uniform in t. */
export const probabilityFlow = (sde: DiffusionSde, { steps, order = 2 }: ProbabilityFlowOptions): Sampler => ({
  specification: "sampler/v1",
  name: `${sde.name}-probability-flow-${order}`,
  steps,
  async *sample<L extends Latents>(denoise: Denoiser<L>, start: L, options: SampleOptions<L> = {}) {
    let x = start;
    const dt = (1 - sde.end) / steps;
    const slope = async (at: L, t: number) => {
      const { score, denoised } = await scoreOf(sde, denoise, at, t, options);
      return { slope: combine([-sde.drift(t), at], [0.5 * sde.diffusion(t) ** 2, score]), denoised };
    };
    for (let index = 0; index < steps; index++) {
      checkSignal(options.signal);
      const t = 1 - index * dt;
      const { slope: a, denoised } = await slope(x, t);
      const from = x;
      const go = (length: number, direction: L) => combine([1, from], [length * dt, direction]);
      if (order === 1) x = go(1, a);
      else if (order === 2) {
        const b = (await slope(go(1, a), t - dt)).slope;
        x = go(1, combine([0.5, a], [0.5, b]));
      } else {
        const b = (await slope(go(0.5, a), t - dt / 2)).slope;
        const c = (await slope(go(0.5, b), t - dt / 2)).slope;
        const d = (await slope(go(1, c), t - dt)).slope;
        x = go(1, combine([1 / 6, a], [1 / 3, b], [1 / 3, c], [1 / 6, d]));
      }
      yield { index, time: sde.time(t), noisy: x, denoised };
    }
  },
});
