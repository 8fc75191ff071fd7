import { ProsoponError } from "@prosopon/errors";
import type { Denoiser } from "./denoiser.ts";
import type { Latents } from "./latents.ts";

/** m·changed + (1−m)·kept, m of the latents' size or one plane [h·w] for all channels and samples. @throws `bad-input` when it does not fit. */
export function blend<L extends Latents>(mask: Latents, changed: L, kept: Latents): L {
  const { length } = mask;
  if (length === 0 || changed.length % length !== 0 || changed.length % kept.length !== 0)
    throw new ProsoponError("bad-input", `A mask of ${length} numbers does not fit latents of ${changed.length}.`, {
      values: { mask: length, latents: changed.length, kept: kept.length },
      mend: "Give one number for each place of the latents, 1 where they may change.",
    });
  return changed.map((v, i) => mask[i % length]! * v + (1 - mask[i % length]!) * kept[i % kept.length]!) as L;
}

/**
 * A denoiser that sees the known clean latents where the mask is 0, so that any sampler changes only the rest (Avrahami et al. 2022, blended
 * diffusion, in x̂₀). `kept` may be one sample for a batch of many.
 */
export const maskedDenoiser =
  <L extends Latents>(denoise: Denoiser<L>, mask: Latents, kept: Latents): Denoiser<L> =>
  async (noisy, at, options) => {
    const prediction = await denoise(noisy, at, options);
    const denoised = blend(mask, prediction.denoised, kept);
    const [signal, sigma] = [Math.sqrt(at.alpha), Math.sqrt(1 - at.alpha)];
    const noise = prediction.noise.map((v, i) => (sigma === 0 ? v : (noisy[i]! - signal * denoised[i]!) / sigma)) as L;
    return { denoised, noise };
  };
