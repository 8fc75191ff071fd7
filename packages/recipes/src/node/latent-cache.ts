import { encodeModel, graph, input, output, type Tensor, tensor } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { createHost } from "@prosopon/runtime/node";
import { encode, type VqganConfig } from "@prosopon/vqgan";
import type { PortraitCache } from "./portrait-cache.ts";

export interface LatentCache {
  readonly latents: Tensor<"float32">;
  /** Divides by the standard deviation of all numbers, so that diffusion sees unit variance. */
  readonly scaleFactor: number;
}

const batch = 16;

/** Latents (before quantisation) of all pictures of a cache, multiplied by `scaleFactor` (found if not given). */
export async function latentCache(
  cache: PortraitCache,
  config: VqganConfig,
  weights: ReadonlyMap<string, Tensor>,
  options: { readonly scaleFactor?: number; readonly onProgress?: (done: number, total: number) => void } = {},
): Promise<LatentCache> {
  await using host = await createHost({ kind: "in-process" });
  const g = graph();
  const top = scope(g);
  const { size: side, count } = cache;
  const h = output(g, "h", encode(top, input(g, "image", "float32", [batch, 3, side, side]), config));
  const parameters = Object.fromEntries([...top.parameters.keys()].map((name) => [name, weights.get(name)!]));
  const session = await host.load({ model: encodeModel(g, { parameters: "initializers" }), parameters });
  const stride = h.shape.slice(1).reduce((a, b) => a * b, 1);
  const data = new Float32Array(count * stride);
  for (let start = 0; start < count; start += batch) {
    const indices = Array.from({ length: batch }, (_, i) => Math.min(start + i, count - 1));
    const found = await session.run({ image: tensor("float32", [batch, 3, side, side], await cache.planes(indices)) });
    data.set((found["h"]!.data as Float32Array).subarray(0, Math.min(batch, count - start) * stride), start * stride);
    options.onProgress?.(Math.min(count, start + batch), count);
  }
  let square = 0;
  for (const v of data) square += v * v;
  const scaleFactor = options.scaleFactor ?? 1 / Math.sqrt(square / data.length);
  for (let i = 0; i < data.length; i++) data[i]! *= scaleFactor;
  return { latents: tensor("float32", [count, ...h.shape.slice(1)], data), scaleFactor };
}
