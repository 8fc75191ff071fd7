/** What a person who chooses a sampler wants to know. */
export interface SamplerFacts {
  readonly what: string;
  /** Network calls a step. */
  readonly calls: number;
  /** Whether the seed matters. */
  readonly draws: boolean;
  /** Whether it can begin in pure noise, ᾱ = 0, where schedules with zero terminal signal end. */
  readonly pureNoise: boolean;
}

/**
 * Every way from noise to a picture: the one list of which settings, the command line, schemas and docs/samplers.md are made. It imports
 * nothing, so that help need not load the library.
 */
export const samplers = {
  ddim: {
    what: "the reference's; the only one with `--eta` and exact inversion",
    calls: 1,
    draws: false,
    pureNoise: true,
  },
  "dpmpp-2m": { what: "DPM-Solver++(2M)", calls: 1, draws: false, pureNoise: true },
  unipc: { what: "UniPC-2", calls: 1, draws: false, pureNoise: false },
  "dpmpp-2s": { what: "DPM-Solver++ of second order without a memory", calls: 2, draws: false, pureNoise: false },
  "dpmpp-3s": { what: "the same of third order", calls: 3, draws: false, pureNoise: false },
  euler: { what: "first order along σ: DDIM as an equation, for comparison", calls: 1, draws: false, pureNoise: false },
  heun: { what: "second order along σ", calls: 2, draws: false, pureNoise: false },
  plms: {
    what: "the reference's multistep; one call more in the first step",
    calls: 1,
    draws: false,
    pureNoise: false,
  },
  ancestral: { what: "DDPM's own steps, between the times of the edit", calls: 1, draws: true, pureNoise: true },
  "dpmpp-sde": { what: "stochastic DPM-Solver++", calls: 1, draws: true, pureNoise: false },
  "few-step": { what: "for distilled networks", calls: 1, draws: true, pureNoise: false },
} as const satisfies Readonly<Record<string, SamplerFacts>>;

export type SamplerName = keyof typeof samplers;

export const samplerNames = Object.keys(samplers) as readonly SamplerName[];

/** How the noise levels of the way back lie: uniform in time, uniform in ln σ/α, or as Karras et al. 2022 have them. */
export const sigmaNames = ["times", "exponential", "karras"] as const;
export type SigmaName = (typeof sigmaNames)[number];
