import { ProsoponError } from "@prosopon/errors";
import type { Denoiser } from "./denoiser.ts";
import type { Latents } from "./latents.ts";

export interface SampleOptions<L extends Latents = Float32Array> {
  /** Standard normal numbers for a step (counted from 0 in order of execution), as many as the latents. Needed by stochastic samplers. */
  readonly noise?: (step: number) => L;
  readonly signal?: AbortSignal;
}

export interface SamplerStep<L extends Latents = Float32Array> {
  /** Counted from 0 in order of execution. */
  readonly index: number;
  /** The time at which the network was asked. */
  readonly time: number;
  /** The latents after this step; after the last, the result. */
  readonly noisy: L;
  /** x̂₀ as seen by this step. */
  readonly denoised: L;
}

/** A way through the noise levels. A plugin: a plain value made by a factory. */
export interface Sampler {
  readonly specification: "sampler/v1";
  readonly name: string;
  /** How many steps `sample` yields. */
  readonly steps: number;
  /**
   * Yields every step; leaving the loop early ends it. @throws `cancelled` when the signal fires, `bad-input` when noise is needed and absent.
   */
  sample<L extends Latents>(
    denoise: Denoiser<L>,
    start: L,
    options?: SampleOptions<L>,
  ): AsyncGenerator<SamplerStep<L>, void, undefined>;
}

/** The latents after a sampler's last step; `start` itself for a sampler without steps. */
export async function lastOf<L extends Latents>(
  steps: AsyncGenerator<SamplerStep<L>, void, undefined>,
  start: L,
): Promise<L> {
  let latents = start;
  for await (const { noisy } of steps) latents = noisy;
  return latents;
}

/** Fresh noise for a step. @throws `bad-input` when the caller gave no source or too few numbers. */
export function noiseFor<L extends Latents>(options: SampleOptions<L>, step: number, length: number): L {
  const noise = options.noise?.(step);
  if (noise?.length === length) return noise;
  throw new ProsoponError(
    "bad-input",
    noise ? `Step ${step} got ${noise.length} noise numbers, not ${length}.` : "This sampler draws noise.",
    {
      values: { step, length },
      mend: 'Give options.noise, for instance (step) => gaussians(seed, "sampler", step, length).',
    },
  );
}

/** @throws `cancelled` when the signal has fired. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ProsoponError("cancelled", "Sampling was cancelled.", { cause: signal.reason });
}
