/** What a person who chooses a sampler wants to know. */
export interface SamplerFacts {
  readonly what: string;
  /** Network calls a step. */
  readonly calls: number;
  /** Whether the seed matters. */
  readonly draws: boolean;
  /** Whether it can begin in pure noise, ᾱ = 0, where schedules with zero terminal signal end. */
  readonly pureNoise: boolean;
  /** Whether it has an η. */
  readonly eta: boolean;
  /** Whether other sigmas than those of the times mean anything to it. */
  readonly sigmas: boolean;
}

const facts = (
  what: string,
  { calls = 1, draws = false, pureNoise = false, eta = false, sigmas = true }: Partial<SamplerFacts> = {},
): SamplerFacts => ({ what, calls, draws, pureNoise, eta, sigmas });

/**
 * Every way from noise to a picture: the one list of which settings, the command line, schemas and docs/samplers.md are made. It imports
 * nothing, so that help need not load the library.
 */
export const samplers = {
  ddim: facts("the reference's; the only one with `--eta` and exact inversion", { pureNoise: true, eta: true }),
  "dpmpp-2m": facts("DPM-Solver++(2M)", { pureNoise: true }),
  unipc: facts("UniPC-2"),
  "dpmpp-2s": facts("DPM-Solver++ of second order without a memory", { calls: 2 }),
  "dpmpp-3s": facts("the same of third order", { calls: 3 }),
  euler: facts("first order along σ: DDIM as an equation, for comparison"),
  heun: facts("second order along σ", { calls: 2 }),
  plms: facts("the reference's multistep; one call more in the first step"),
  ancestral: facts("DDPM's own steps, between the times of the edit", { draws: true, pureNoise: true }),
  "dpmpp-sde": facts("stochastic DPM-Solver++", { draws: true }),
  "vp-flow": facts("the probability flow of the VP SDE by Runge–Kutta, uniform in time", { calls: 4, sigmas: false }),
  "vp-sde": facts("predictor–corrector on the VP SDE, uniform in time", { calls: 2, draws: true, sigmas: false }),
  "few-step": facts("for distilled networks", { draws: true }),
};

export type SamplerName = keyof typeof samplers;

export const samplerNames = Object.keys(samplers) as readonly SamplerName[];

/** How the noise levels of the way back lie: uniform in time, uniform in ln σ/α, or as Karras et al. 2022 have them. */
export const sigmaNames = ["times", "exponential", "karras"] as const;
export type SigmaName = (typeof sigmaNames)[number];

/** The ways to noise: the reference's, of first order; of second order along the levels of the way back; coupled, which comes back exactly. */
export const inversionNames = ["ddim", "dpmpp-2m", "exact"] as const;
export type InversionName = (typeof inversionNames)[number];

/** Steps where none are given, as docs/few-steps.md finds them: of first-order DDIM each way, of all else each way, and of all else from pure noise. */
export const usualSteps = { ddim: 40, edit: 8, generation: 20 } as const;

/** int8: convolutions and products that are worth it, by the ranges that were measured; the rest stays float32. */
export const precisions = ["float32", "int8"] as const;
export type Precision = (typeof precisions)[number];
