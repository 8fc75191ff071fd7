import { ProsoponError } from "@prosopon/errors";
import type { Denoiser } from "./denoiser.ts";
import { combine, type Latents } from "./latents.ts";
import type { SampleOptions } from "./sampler.ts";

/**
 * A diffusion in continuous time t ∈ [0, 1] (Song et al. 2021): dx = drift·x dt + diffusion dw, with x_t = signal·x₀ + deviation·z. What its
 * samplers take and give are latents of its own scale.
 */
export interface DiffusionSde {
  readonly name: string;
  /** Where sampling ends: at 0 the score would be infinite. */
  readonly end: number;
  signal(t: number): number;
  deviation(t: number): number;
  /** f(x, t)/x. */
  drift(t: number): number;
  /** g(t). */
  diffusion(t: number): number;
  /** What the network is told at t. */
  time(t: number): number;
}

export interface VpSdeOptions {
  /** β at t = 0; default 0.1. */
  readonly start?: number;
  /** β at t = 1; default 20. */
  readonly end?: number;
  /** The network's times; default 1000: it is told 0 to 999. */
  readonly times?: number;
}

/** The variance-preserving SDE with linear β (eq. 11 and 33 of Song et al. 2021). Its latents are those of DDPM. */
export function vpSde({ start = 0.1, end = 20, times = 1000 }: VpSdeOptions = {}): DiffusionSde {
  if (!(start > 0) || !(end >= start))
    throw new ProsoponError("bad-input", `β from ${start} to ${end} makes no VP SDE.`, { values: { start, end } });
  const beta = (t: number) => start + t * (end - start);
  const logSignal = (t: number) => -0.25 * t * t * (end - start) - 0.5 * t * start;
  return {
    name: "vp",
    end: 1e-3,
    signal: (t) => Math.exp(logSignal(t)),
    deviation: (t) => Math.sqrt(-Math.expm1(2 * logSignal(t))),
    drift: (t) => -0.5 * beta(t),
    diffusion: (t) => Math.sqrt(beta(t)),
    time: (t) => t * (times - 1),
  };
}

export interface VeSdeOptions {
  /** σ at t = 0; default 0.01. */
  readonly least?: number;
  /** σ at t = 1, about the largest distance between two samples; default 50. */
  readonly most?: number;
  /** What the network is told; default ln σ, as for noise-conditional score networks. */
  readonly time?: (t: number, sigma: number) => number;
}

/** The variance-exploding SDE (eq. 9 and 30): x_t = x₀ + σ_t·z with σ growing exponentially. Sampling starts from `most`·z. */
export function veSde({
  least = 0.01,
  most = 50,
  time = (_, sigma) => Math.log(sigma),
}: VeSdeOptions = {}): DiffusionSde {
  if (!(least > 0) || !(most > least))
    throw new ProsoponError("bad-input", `σ from ${least} to ${most} makes no VE SDE.`, { values: { least, most } });
  const growth = Math.log(most / least);
  const sigma = (t: number) => least * Math.exp(growth * t);
  return {
    name: "ve",
    end: 1e-5,
    signal: () => 1,
    deviation: sigma,
    drift: () => 0,
    diffusion: (t) => sigma(t) * Math.sqrt(2 * growth),
    time: (t) => time(t, sigma(t)),
  };
}

/**
 * ∇ log p_t(x) = (signal·x̂₀ − x)/deviation² of latents in the SDE's scale (Tweedie). The denoiser is asked as always: about latents of
 * unit scale, √ᾱ·x₀ + √(1−ᾱ)·ε.
 */
export async function scoreOf<L extends Latents>(
  sde: DiffusionSde,
  denoise: Denoiser<L>,
  x: L,
  t: number,
  options: SampleOptions<L>,
): Promise<{ readonly score: L; readonly denoised: L }> {
  const [signal, deviation] = [sde.signal(t), sde.deviation(t)];
  const scale = Math.hypot(signal, deviation);
  const alpha = (signal / scale) ** 2;
  const { denoised } = await denoise(combine([1 / scale, x]), { time: sde.time(t), alpha }, options);
  return { score: combine([signal / deviation ** 2, denoised], [-1 / deviation ** 2, x]), denoised };
}
