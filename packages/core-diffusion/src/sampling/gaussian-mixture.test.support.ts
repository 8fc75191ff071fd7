import type { Denoiser } from "./denoiser.ts";
import { combine } from "./latents.ts";

/** A mixture of normal distributions on the line: all that a sampler does to it is known in closed form. */
export interface GaussianMixture {
  readonly mean: number;
  readonly deviation: number;
  /** E[x₀ | x] of x = √ᾱ·x₀ + √(1−ᾱ)·ε. */
  readonly denoise: Denoiser<Float64Array>;
  /** Where the probability flow from ᾱ `from` to ᾱ `to` carries a number: it keeps the order, so quantiles go to quantiles. */
  transport(x: number, from: number, to: number): number;
}

/** Φ(x) by the continued fraction and series of erfc, to about 1e-15. */
export function normalCdf(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  let tail: number;
  if (z < 3) {
    let [term, sum] = [z, z];
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum) && n < 200; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
    }
    tail = 1 - (2 / Math.sqrt(Math.PI)) * sum;
  } else {
    let fraction = 0;
    for (let n = 60; n > 0; n--) fraction = n / 2 / (z + fraction);
    tail = Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + fraction);
  }
  return x > 0 ? 1 - tail / 2 : tail / 2;
}

export function gaussianMixture(
  parts: readonly { readonly weight: number; readonly mean: number; readonly deviation: number }[],
): GaussianMixture {
  const mean = parts.reduce((sum, p) => sum + p.weight * p.mean, 0);
  const square = parts.reduce((sum, p) => sum + p.weight * (p.mean ** 2 + p.deviation ** 2), 0);
  const noised = (alpha: number) =>
    parts.map((p) => ({
      ...p,
      centre: Math.sqrt(alpha) * p.mean,
      variance: alpha * p.deviation ** 2 + 1 - alpha,
    }));
  const cleaner = (alpha: number) => {
    const all = noised(alpha).map((p) => ({
      ...p,
      offset: Math.log(p.weight) - 0.5 * Math.log(p.variance),
      pull: (Math.sqrt(alpha) * p.deviation ** 2) / p.variance,
    }));
    return (v: number): number => {
      let top = Number.NEGATIVE_INFINITY;
      for (const p of all) top = Math.max(top, p.offset - (v - p.centre) ** 2 / (2 * p.variance));
      let [total, sum] = [0, 0];
      for (const p of all) {
        const weight = Math.exp(p.offset - (v - p.centre) ** 2 / (2 * p.variance) - top);
        total += weight;
        sum += weight * (p.mean + p.pull * (v - p.centre));
      }
      return sum / total;
    };
  };
  const cdf = (x: number, alpha: number) =>
    noised(alpha).reduce((sum, p) => sum + p.weight * normalCdf((x - p.centre) / Math.sqrt(p.variance)), 0);
  return {
    mean,
    deviation: Math.sqrt(square - mean ** 2),
    denoise: async (x, { alpha }) => {
      const denoised = x.map(cleaner(alpha));
      const sigma = Math.sqrt(1 - alpha);
      return { denoised, noise: combine([1 / sigma, x], [-Math.sqrt(alpha) / sigma, denoised]) };
    },
    transport(x, from, to) {
      const wanted = cdf(x, from);
      let [low, high] = [-20, 20];
      for (let i = 0; i < 200 && high - low > 1e-15; i++) {
        const middle = (low + high) / 2;
        if (cdf(middle, to) < wanted) low = middle;
        else high = middle;
      }
      return (low + high) / 2;
    },
  };
}
