import { ProsoponError } from "@prosopon/errors";
import type { Denoiser } from "./denoiser.ts";
import { combine, type Latents } from "./latents.ts";
import { checkSignal, noiseFor, type SampleOptions, type Sampler } from "./sampler.ts";

export interface AnnealedLangevinOptions {
  /** σ₁ > … > σ_L > 0, of x = x₀ + σ·z. */
  readonly sigmas: readonly number[];
  /** T: steps at each level; default 100. */
  readonly repeats?: number;
  /** ε: the length of a step at the last level is ε. Default 2e-5. */
  readonly length?: number;
  /** What the network is told at a level; default its index, as for noise-conditional score networks. */
  readonly time?: (level: number, sigma: number) => number;
  /** Ends with x̂₀ of the last latents, which takes the last level's noise away; default true. */
  readonly denoiseLast?: boolean;
}

/** σ falling geometrically from `most` to `least`. */
export const geometricSigmas = (most: number, least: number, levels: number): readonly number[] =>
  Array.from({ length: levels }, (_, i) => most * (least / most) ** (levels > 1 ? i / (levels - 1) : 0));

/**
 * Annealed Langevin dynamics for score networks (Song and Ermon 2019, algorithm 1): at each level T steps x ← x + ½α·s(x) + √α·z with
 * α = ε·σ²/σ_L². Latents have the scale of x₀ + σ·z; one yielded step is one level; `noise` is asked T times a level.
 */
export function annealedLangevin(options: AnnealedLangevinOptions): Sampler {
  const { sigmas, repeats = 100, length = 2e-5, time = (level) => level, denoiseLast = true } = options;
  if (sigmas.length === 0 || sigmas.some((s, i) => !(s > 0) || (i > 0 && s >= sigmas[i - 1]!)))
    throw new ProsoponError("bad-input", `The levels ${sigmas.slice(0, 5)} do not fall towards 0.`, {
      values: { sigmas },
    });
  const smallest = sigmas.at(-1)!;
  return {
    specification: "sampler/v1",
    name: "annealed-langevin",
    steps: sigmas.length,
    async *sample<L extends Latents>(denoise: Denoiser<L>, start: L, call: SampleOptions<L> = {}) {
      let x = start;
      let draws = 0;
      for (const [index, sigma] of sigmas.entries()) {
        const scale = Math.sqrt(1 + sigma ** 2);
        const told = time(index, sigma);
        const ask = async () =>
          (await denoise(combine([1 / scale, x]), { time: told, alpha: 1 / scale ** 2 }, call)).denoised;
        const step = length * (sigma / smallest) ** 2;
        let denoised = x;
        for (let i = 0; i < repeats; i++) {
          checkSignal(call.signal);
          denoised = await ask();
          const pull = (0.5 * step) / sigma ** 2;
          x = combine([1 - pull, x], [pull, denoised], [Math.sqrt(step), noiseFor(call, draws++, x.length)]);
        }
        if (denoiseLast && index === sigmas.length - 1) {
          denoised = await ask();
          x = denoised;
        }
        yield { index, time: told, noisy: x, denoised };
      }
    },
  };
}
