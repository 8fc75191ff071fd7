import type { Denoiser } from "./denoiser.ts";
import { diffuse, type Latents } from "./latents.ts";
import { checkSignal, noiseFor, type SampleOptions, type Sampler } from "./sampler.ts";
import type { SolverGrid } from "./solver-grid.ts";

/**
 * Multistep consistency sampling (Song et al. 2023, algorithm 1; Luo et al. 2023): every step jumps to x̂₀ and noises it again to the next
 * level; the last stays there. Meant for a network that was distilled to be right in one jump; any other gives means of what is possible.
 */
export const fewStep = (grid: SolverGrid): Sampler => ({
  specification: "sampler/v1",
  name: "few-step",
  steps: grid.levels.length - 1,
  async *sample<L extends Latents>(denoise: Denoiser<L>, start: L, options: SampleOptions<L> = {}) {
    let noisy = start;
    const steps = grid.levels.length - 1;
    for (let index = 0; index < steps; index++) {
      checkSignal(options.signal);
      const { time, alpha } = grid.levels[index]!;
      const { denoised } = await denoise(noisy, { time, alpha: alpha ** 2 }, options);
      noisy =
        index + 1 < steps
          ? diffuse(denoised, noiseFor(options, index, noisy.length), grid.levels[index + 1]!.alpha ** 2)
          : denoised;
      yield { index, time, noisy, denoised };
    }
  },
});
