import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Tensor, tensor } from "@prosopon/graph";
import { keptTensors } from "../kept-tensors.ts";
import { createLatentEncoder } from "../latent-encoder.ts";
import type { FirstStage } from "../open-first-stage.ts";
import { dataPlanes, type PreparedFolder } from "./open-data.ts";
import { stopIfCancelled } from "./stop-if-cancelled.ts";

export interface DataLatentsOptions {
  readonly firstStage: FirstStage;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Pictures in one file of latents: what is lost when the work is cancelled. */
const piece = 1024;

/**
 * Latents (before quantisation, unscaled) of the pictures of a prepared folder, [N, C, h, w], in the order of its items. They are kept in the
 * folder by first stage and list of pictures, in pieces that appear whole; what is there is not computed again.
 * @throws `cancelled`, `output`, and what reading pictures throws.
 */
export async function dataLatents(
  data: PreparedFolder,
  { firstStage, onProgress, signal }: DataLatentsOptions,
): Promise<Tensor<"float32">> {
  const { items, folder, manifest } = data;
  const list = createHash("sha256")
    .update(items.map((one) => one.file).join("\n"))
    .digest("hex")
    .slice(0, 8);
  const place = join(folder, "latents", firstStage.hash);
  await using encoder = await createLatentEncoder({ ...firstStage, side: manifest.size });
  const all = new Float32Array(items.length * encoder.size);
  for (let from = 0; from < items.length; from += piece) {
    const files = items.slice(from, from + piece).map((one) => one.file);
    const file = join(place, `${items[0]!.split}-${list}-${from}.safetensors`);
    const { latents } = await keptTensors(file, ["latents"], async () => {
      const some = tensor("float32", [files.length, ...encoder.shape]);
      for (let start = 0; start < files.length; start += 16) {
        stopIfCancelled(signal, "Encoding");
        const planes = await dataPlanes(data, files.slice(start, start + 16));
        some.data.set(await encoder.encode(planes), start * encoder.size);
        onProgress?.(from + Math.min(start + 16, files.length), items.length);
      }
      return { latents: some };
    });
    all.set(latents.data, from * encoder.size);
    onProgress?.(Math.min(from + piece, items.length), items.length);
  }
  return tensor("float32", [items.length, ...encoder.shape], all);
}
