import { gradients, mul, neg, type Value } from "@prosopon/graph";
import { crossEntropy } from "@prosopon/nn";
import type { CallOptions, Denoiser, NoiseLevel } from "./denoiser.ts";
import { combine, type Latents } from "./latents.ts";

/** ∇_x log p(y | x) at a noise level, of the latents' size: from a graph of `classifierGradient`, or any other way. */
export type LogProbabilityGradient<L extends Latents = Float32Array> = (
  noisy: L,
  at: NoiseLevel,
  options?: CallOptions,
) => Promise<L>;

/**
 * ∇_x log p(y | x) of anything differentiable: `logits` may be a classifier of noisy latents that knows the time, or a decoder and an expert
 * that looks at pictures. x [B, ...], labels int64 [B] -> a value of the shape of x.
 */
export function classifierGradient(x: Value, labels: Value, logits: (x: Value) => Value): Value {
  // The mean over the batch divides by it: each sample's own log-probability is wanted.
  const total = mul(neg(crossEntropy(logits(x), labels)), x.shape[0]!);
  return gradients(total, [x])[0]!;
}

/**
 * Classifier guidance (Dhariwal and Nichol 2021; thesis eq. 3.68 with the weight γ of eq. 3.69):
 * ε̂(x | y) = ε̂(x) − γ·√(1−ᾱ)·∇_x log p(y | x). x̂₀ moves with it. Every sampler takes the result as it takes a denoiser.
 */
export const classifierGuided =
  <L extends Latents>(denoise: Denoiser<L>, gradient: LogProbabilityGradient<L>, scale: number): Denoiser<L> =>
  async (noisy, at, options) => {
    const [prediction, pull] = await Promise.all([denoise(noisy, at, options), gradient(noisy, at, options)]);
    if (scale === 0) return prediction;
    const sigma = Math.sqrt(1 - at.alpha);
    // x̂₀ = (x − √(1−ᾱ)·ε)/√ᾱ, so that ε less γσg is x̂₀ more γσ²g/√ᾱ; at ᾱ = 0 it says nothing of x̂₀.
    const lift = at.alpha === 0 ? 0 : (scale * sigma ** 2) / Math.sqrt(at.alpha);
    return {
      noise: combine([1, prediction.noise], [-scale * sigma, pull]),
      denoised: combine([1, prediction.denoised], [lift, pull]),
    };
  };
