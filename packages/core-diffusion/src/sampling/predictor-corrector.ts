import type { Denoiser } from "./denoiser.ts";
import { combine, type Latents } from "./latents.ts";
import { checkSignal, noiseFor, type SampleOptions, type Sampler } from "./sampler.ts";
import { type DiffusionSde, scoreOf } from "./sde.ts";

export interface PredictorCorrectorOptions {
  readonly steps: number;
  /** Langevin steps after each prediction; 0 is the reverse-diffusion sampler alone. Default 1. */
  readonly corrections?: number;
  /** How many samples the latents hold: each has Langevin steps of its own length. Default 1. */
  readonly samples?: number;
  /** r: how long a Langevin step is, in parts of the noise; default 0.16. */
  readonly ratio?: number;
}

const norm = (x: Latents): number => {
  let sum = 0;
  for (const v of x) sum += v * v;
  return Math.sqrt(sum);
};

/** x ← x + length·score + √(2·length)·z with, for each sample, length = 2·size·(ratio·‖z‖/‖score‖)² (Song et al. 2021, algorithm 5). */
function langevin<L extends Latents>(x: L, score: L, z: L, size: number, ratio: number, samples: number): L {
  const each = x.length / samples;
  const next = x.slice() as L;
  for (let from = 0; from < x.length; from += each) {
    const [slope, noise] = [score.subarray(from, from + each), z.subarray(from, from + each)];
    const length = 2 * size * ((ratio * norm(noise)) / norm(slope)) ** 2;
    for (let i = 0; i < each; i++) next[from + i]! += length * slope[i]! + Math.sqrt(2 * length) * noise[i]!;
  }
  return next;
}

/**
 * Predictor–corrector sampling of a reverse SDE (Song et al. 2021, algorithms 1 to 3): Euler–Maruyama backwards in time, then annealed
 * Langevin steps at the level reached. `noise` is asked for steps 0, 1, 2, ...: 1 + corrections of them a step. The last prediction is left
 * without its noise.
 */
export const predictorCorrector = (
  sde: DiffusionSde,
  { steps, corrections = 1, ratio = 0.16, samples = 1 }: PredictorCorrectorOptions,
): Sampler => ({
  specification: "sampler/v1",
  name: `${sde.name}-predictor-corrector`,
  steps,
  async *sample<L extends Latents>(denoise: Denoiser<L>, start: L, options: SampleOptions<L> = {}) {
    let x = start;
    let draws = 0;
    const fresh = () => noiseFor(options, draws++, x.length);
    const dt = (1 - sde.end) / steps;
    for (let index = 0; index < steps; index++) {
      checkSignal(options.signal);
      const t = 1 - index * dt;
      const { score, denoised } = await scoreOf(sde, denoise, x, t, options);
      const g = sde.diffusion(t);
      // The variance that the step removes, exact where the drift is 0.
      const squared = sde.drift(t) === 0 ? sde.deviation(t) ** 2 - sde.deviation(t - dt) ** 2 : g * g * dt;
      const mean = combine([1 - sde.drift(t) * dt, x], [squared, score]);
      const last = index + 1 === steps;
      x = last ? mean : combine([1, mean], [Math.sqrt(squared), fresh()]);
      for (let i = 0; i < corrections && !last; i++) {
        const { score: here } = await scoreOf(sde, denoise, x, t - dt, options);
        x = langevin(x, here, fresh(), sde.signal(t - dt) ** 2, ratio, samples);
      }
      yield { index, time: sde.time(t), noisy: x, denoised };
    }
  },
});
