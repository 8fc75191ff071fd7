import { combine, type Latents } from "./latents.ts";

/** Where a noisy latent stands: the time that the network is told, and the ᾱ that the latent really has (they differ in inversion). */
export interface NoiseLevel {
  readonly time: number;
  readonly alpha: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** Both readings of one prediction: x̂₀ and ε with noisy = √ᾱ·x̂₀ + √(1−ᾱ)·ε. */
export interface Prediction<L extends Latents = Float32Array> {
  readonly denoised: L;
  readonly noise: L;
}

/** All that a sampler knows of a model. */
export type Denoiser<L extends Latents = Float32Array> = (
  noisy: L,
  at: NoiseLevel,
  options?: CallOptions,
) => Promise<Prediction<L>>;

/** A network's raw output for noisy latents at a time, conditions and guidance included. */
export type Network<L extends Latents = Float32Array> = (
  noisy: L,
  time: number,
  options?: CallOptions,
) => Promise<NoInfer<L>> | NoInfer<L>;

/** What a network was trained to predict: the noise ε, the velocity v = √ᾱ·ε − √(1−ᾱ)·x₀ (Salimans and Ho 2022), or x₀. */
export type Parameterisation = "epsilon" | "v" | "x0";

/** x̂₀ and ε as combinations of the noisy latent and the network's output. */
export interface Reading {
  readonly denoised: { readonly noisy: number; readonly output: number };
  readonly noise: { readonly noisy: number; readonly output: number };
}

/** How an output is read at ᾱ. ε at ᾱ = 0 and x₀ at ᾱ = 1 leave the other undetermined: it is taken as 0. */
export function readingOf(parameterisation: Parameterisation, alpha: number): Reading {
  const [signal, sigma] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
  switch (parameterisation) {
    case "epsilon": {
      const inverse = signal === 0 ? 0 : 1 / signal;
      return { denoised: { noisy: inverse, output: -sigma * inverse }, noise: { noisy: 0, output: 1 } };
    }
    case "v":
      return { denoised: { noisy: signal, output: -sigma }, noise: { noisy: sigma, output: signal } };
    case "x0": {
      const inverse = sigma === 0 ? 0 : 1 / sigma;
      return { denoised: { noisy: 0, output: 1 }, noise: { noisy: inverse, output: -signal * inverse } };
    }
  }
}

/** A network as samplers want it, whatever it predicts. */
export const denoiser =
  <L extends Latents>(network: Network<L>, parameterisation: Parameterisation = "epsilon"): Denoiser<L> =>
  async (noisy, { time, alpha }, options = {}) => {
    const output = await network(noisy, time, options);
    const { denoised, noise } = readingOf(parameterisation, alpha);
    return {
      denoised: combine([denoised.noisy, noisy], [denoised.output, output]),
      noise: combine([noise.noisy, noisy], [noise.output, output]),
    };
  };
