import { ProsoponError } from "@prosopon/errors";
import type { DdimPlan } from "./ddim-plan.ts";
import type { Denoiser } from "./denoiser.ts";
import { combine, type Latents } from "./latents.ts";
import { checkSignal, type SampleOptions, type SamplerStep } from "./sampler.ts";

/** Two copies of a latent that take turns: each step of one only needs the other, and so can be taken back. */
export interface EdictPair<L extends Latents = Float64Array> {
  readonly x: L;
  readonly y: L;
}

export interface EdictStep<L extends Latents = Float64Array> extends SamplerStep<L> {
  /** `noisy` is its x. */
  readonly pair: EdictPair<L>;
}

export interface EdictOptions {
  /** p in (0, 1]: how much the copies keep apart; default 0.93. 1 lets them drift. */
  readonly mixing?: number;
}

export interface Edict {
  /** Two network calls each. */
  readonly steps: number;
  /** From a clean latent to noise. */
  invert<L extends Latents>(
    denoise: Denoiser<L>,
    start: EdictPair<L>,
    options?: SampleOptions<L>,
  ): AsyncGenerator<EdictStep<L>, void, undefined>;
  /** From noise to a clean latent: under the same denoiser the exact way back. */
  sample<L extends Latents>(
    denoise: Denoiser<L>,
    start: EdictPair<L>,
    options?: SampleOptions<L>,
  ): AsyncGenerator<EdictStep<L>, void, undefined>;
}

/** √(ᾱ'/ᾱ) and √(1−ᾱ') − √(ᾱ'(1−ᾱ)/ᾱ): x' = a·x + b·ε, a DDIM step from ᾱ to ᾱ'. */
const coefficients = (from: number, to: number) => ({
  a: Math.sqrt(to / from),
  b: Math.sqrt(1 - to) - Math.sqrt((to * (1 - from)) / from),
});

/**
 * Exact diffusion inversion via coupled transformations (Wallace et al. 2023, equations 12 to 15) along a plan of `ddimPlan` with η = 0: what
 * `invert` does, `sample` takes back up to rounding, however good the network is. Use float64 latents: every step taken back divides by p.
 * @throws `bad-input` for a plan that draws noise or a mixing outside (0, 1].
 */
export function edict(plan: DdimPlan, { mixing: p = 0.93 }: EdictOptions = {}): Edict {
  if (plan.some(({ sigma, from }) => sigma > 0 || !(from > 0)) || !(p > 0 && p <= 1))
    throw new ProsoponError("bad-input", `Exact inversion takes no noise and a mixing in (0, 1], not ${p}.`, {
      values: { mixing: p },
      mend: "Use a plan with eta 0 and the default mixing 0.93.",
    });
  const last = plan.length - 1;
  return {
    steps: plan.length,
    async *sample<L extends Latents>(denoise: Denoiser<L>, { x, y }: EdictPair<L>, options: SampleOptions<L> = {}) {
      for (const [index, { time, from, to }] of plan.entries()) {
        checkSignal(options.signal);
        const { a, b } = coefficients(from, to);
        const ask = (at: L) => denoise(at, { time, alpha: from }, options);
        const first = await ask(y);
        const innerX = combine([a, x], [b, first.noise]);
        const innerY = combine([a, y], [b, (await ask(innerX)).noise]);
        x = combine([p, innerX], [1 - p, innerY]);
        y = combine([p, innerY], [1 - p, x]);
        yield { index, time, noisy: x, denoised: first.denoised, pair: { x, y } };
      }
    },
    async *invert<L extends Latents>(denoise: Denoiser<L>, { x, y }: EdictPair<L>, options: SampleOptions<L> = {}) {
      for (let index = 0; index <= last; index++) {
        checkSignal(options.signal);
        const { time, from, to } = plan[last - index]!;
        const { a, b } = coefficients(from, to);
        const ask = (at: L) => denoise(at, { time, alpha: from }, options);
        const innerY = combine([1 / p, y], [(p - 1) / p, x]);
        const innerX = combine([1 / p, x], [(p - 1) / p, innerY]);
        const second = await ask(innerX);
        y = combine([1 / a, innerY], [-b / a, second.noise]);
        x = combine([1 / a, innerX], [-b / a, (await ask(y)).noise]);
        yield { index, time, noisy: x, denoised: second.denoised, pair: { x, y } };
      }
    },
  };
}
