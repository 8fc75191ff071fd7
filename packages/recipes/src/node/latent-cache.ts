import { type Tensor, tensor } from "@prosopon/graph";
import type { VqganConfig } from "@prosopon/vqgan";
import { createLatentEncoder } from "./latent-encoder.ts";
import type { Pictures } from "./portrait-cache.ts";

export interface LatentCache {
  readonly latents: Tensor<"float32">;
  /** Divides by the standard deviation of all numbers, so that diffusion sees unit variance. */
  readonly scaleFactor: number;
}

const batch = 16;

/** What brings latents to unit mean square. */
export function scaleOf(latents: Float32Array): number {
  let square = 0;
  for (const v of latents) square += v * v;
  return 1 / Math.sqrt(square / latents.length);
}

/** Latents (before quantisation) of all pictures of a cache, multiplied by `scaleFactor` (found if not given). */
export async function latentCache(
  cache: Pictures,
  config: VqganConfig,
  weights: ReadonlyMap<string, Tensor>,
  options: { readonly scaleFactor?: number; readonly onProgress?: (done: number, total: number) => void } = {},
): Promise<LatentCache> {
  const { size: side, count } = cache;
  await using encoder = await createLatentEncoder({ config, weights, side });
  const data = new Float32Array(count * encoder.size);
  for (let start = 0; start < count; start += batch) {
    const indices = Array.from({ length: Math.min(batch, count - start) }, (_, i) => start + i);
    data.set(await encoder.encode(await cache.planes(indices)), start * encoder.size);
    options.onProgress?.(Math.min(count, start + batch), count);
  }
  const scaleFactor = options.scaleFactor ?? scaleOf(data);
  for (let i = 0; i < data.length; i++) data[i]! *= scaleFactor;
  return { latents: tensor("float32", [count, ...encoder.shape], data), scaleFactor };
}
