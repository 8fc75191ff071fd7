import { ProsoponError } from "@prosopon/errors";
import type { Denoiser } from "../sampling/denoiser.ts";
import { diffuse, type Latents } from "../sampling/latents.ts";
import type { NoiseSchedule } from "../schedule/noise-schedule.ts";

export interface BitsOptions<L extends Latents> {
  readonly schedule: NoiseSchedule;
  /** Clean data, about unit scale. */
  readonly data: L;
  readonly denoise: Denoiser<L>;
  /** Standard normal numbers, as many as `data`, for a time. */
  readonly noise: (time: number) => L;
  /** Width of a bin where the data are quantised, 2/255 for pictures in [-1, 1]; default: none, and a density is measured. */
  readonly bin?: number;
  /**
   * Most times that share one network call; default 1. Only neighbours that differ by less than an eighth of their time do, so that the
   * short, heavy steps at the end are all computed.
   */
  readonly stride?: number;
}

/** The variational bound's parts in bits for each number of the data. */
export interface BitsPerDimension {
  readonly total: number;
  /** That the last level is not quite noise. */
  readonly prior: number;
  /** Of all denoising steps. */
  readonly steps: number;
  /** Of the data given the least noisy level. */
  readonly reconstruction: number;
}

/** Φ, to 1e-7 (Abramowitz and Stegun 7.1.26). */
function cdf(x: number): number {
  const t = 1 / (1 + 0.3275911 * (Math.abs(x) / Math.SQRT2));
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = 0.5 * poly * Math.exp((-x * x) / 2);
  return x > 0 ? 1 - tail : tail;
}

/**
 * The bound −log₂ p(x₀) ≤ L_T + Σ L_t + L₀ (Ho et al. 2020, eq. 5; thesis section 3.3) in bits per dimension, with posterior variances. It bounds what
 * lossless coding with this model would take; for a density (no `bin`) it may be negative. @throws `bad-input` for a stride below 1.
 */
export async function bitsPerDimension<L extends Latents>(options: BitsOptions<L>): Promise<BitsPerDimension> {
  const { schedule, data, denoise, noise, bin, stride = 1 } = options;
  if (!Number.isInteger(stride) || stride < 1)
    throw new ProsoponError("bad-input", `The stride ${stride} is no whole number from 1.`, { values: { stride } });
  const n = data.length;
  const bits = (nats: number) => nats / n / Math.LN2;
  const last = schedule.at(-1)!;
  const sum = (term: (v: number, i: number) => number): number => {
    let total = 0;
    for (let i = 0; i < n; i++) total += term(data[i]!, i);
    return total;
  };
  const prior = sum((v) => 0.5 * (last * v * v + (1 - last) - 1 - Math.log(1 - last)));
  const askAt = async (time: number): Promise<L> => {
    const alpha = schedule[time]!;
    return (await denoise(diffuse(data, noise(time), alpha), { time, alpha })).denoised;
  };
  // With the posterior's variance a step costs ½(SNR(t−1) − SNR(t))·‖x₀ − x̂₀‖² (Kingma et al. 2021, eq. 13).
  const ratio = (time: number) => schedule[time]! / (1 - schedule[time]!);
  let steps = 0;
  for (let from = 1; from < schedule.length; ) {
    const to = Math.min(schedule.length, from + Math.max(1, Math.min(stride, Math.floor(from / 8))));
    const denoised = await askAt((from + to - 1) >> 1);
    steps += 0.5 * (ratio(from - 1) - ratio(to - 1)) * sum((v, i) => (v - denoised[i]!) ** 2);
    from = to;
  }
  // x₀ given the first level: its noise, seen as an error of the data.
  const deviation = Math.sqrt((1 - schedule[0]!) / schedule[0]!);
  const denoised = await askAt(0);
  const reconstruction = sum((v, i) => {
    const z = (v - denoised[i]!) / deviation;
    if (bin === undefined) return 0.5 * z * z + Math.log(deviation) + 0.5 * Math.log(2 * Math.PI);
    const half = bin / 2 / deviation;
    return -Math.log(Math.max(cdf(z + half) - cdf(z - half), 1e-12));
  });
  const parts = { prior: bits(prior), steps: bits(steps), reconstruction: bits(reconstruction) };
  return { ...parts, total: parts.prior + parts.steps + parts.reconstruction };
}
