import { join } from "node:path";
import type { TalkConfig } from "@prosopon/conditioning";
import { type Tensor, tensor } from "@prosopon/graph";
import { gaussians, uniforms } from "@prosopon/random";
import { createHost } from "@prosopon/runtime/node";
import { averagesOf, createTrainer, initialState, shuffledIndices, train } from "@prosopon/training";
import { readerStep } from "../opening-reader.ts";
import type { ClipCache } from "./clip-cache.ts";
import { keptTensors } from "./kept-tensors.ts";

export interface TrainReaderOptions {
  readonly cache: ClipCache;
  readonly config: Pick<TalkConfig, "scaleFactor" | "relative">;
  /** The run's: what was learned is kept there. */
  readonly folder: string;
  readonly seed: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** It sees every frame about eight times, but takes no more than so many steps. */
const [batch, passes, most] = [128, 8, 1500];

/** Noise in latents, at most: what a talking face makes is not as clean as the truth. */
const roughness = 0.5;

/** Weights of a network that reads mouths' openings in latents, learned on these clips unless the run's folder holds it. @throws `cancelled`. */
export async function trainReader(options: TrainReaderOptions): Promise<ReadonlyMap<string, Tensor>> {
  const { cache, config, folder, seed, onProgress, signal } = options;
  const { count, frames, latents, stills, openings } = cache;
  const { scaleFactor, relative } = config;
  const latent = latents.shape.slice(1) as [number, number, number];
  const steps = Math.min(most, Math.ceil((passes * count * frames) / batch));
  const shape = [batch, ...latent];
  const size = latent.reduce((a, b) => a * b, 1);
  const program = readerStep({ latent, batch, steps });
  const order = shuffledIndices({ length: count * frames, batch });

  function samples(step: number): Record<string, Tensor> {
    const noise = gaussians(seed, "reader/noise", step, batch * size);
    const draws = uniforms(seed, "reader/choices", step, 2 * batch);
    const [seen, identity] = [tensor("float32", shape), tensor("float32", shape)];
    const opening = tensor("float32", [batch]);
    for (const [i, place] of order(step, seed).entries()) {
      // In one of four the portrait at rest shows an emotion, as when a talking face learns.
      const still = 2 * Math.floor(place / frames) + (draws[2 * i]! < 0.25 ? 1 : 0);
      const amount = roughness * draws[2 * i + 1]!;
      for (let j = 0; j < size; j++) {
        const [at, from] = [i * size + j, scaleFactor * stills.data[still * size + j]!];
        const target = scaleFactor * latents.data[place * size + j]!;
        identity.data[at] = from;
        seen.data[at] = (relative === undefined ? target : (target - from) * relative) + amount * noise[at]!;
      }
      opening.data[i] = openings.data[place]!;
    }
    return { latent: seen, identity, opening };
  }

  async function learn(): Promise<Record<string, Tensor<"float32">>> {
    await using host = await createHost({ kind: "in-process", memoryPattern: false, arena: false });
    await using trainer = await createTrainer({ host, program, state: initialState(program, { seed }) });
    const data = { batch: async (step: number) => samples(step) };
    for await (const { step } of train({ trainer, data, seed, steps, ...(signal ? { signal } : {}) }))
      onProgress?.(step, steps);
    return Object.fromEntries(averagesOf(await trainer.state())) as Record<string, Tensor<"float32">>;
  }
  const names = program.parameters.map(({ name }) => name);
  return new Map(Object.entries(await keptTensors(join(folder, "reader.safetensors"), names, learn)));
}
