import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { dropMasks } from "@prosopon/conditioning";
import { unetConfig } from "@prosopon/core-diffusion";
import { ProsoponError } from "@prosopon/errors";
import { tensor } from "@prosopon/graph";
import { gaussians, uniforms } from "@prosopon/random";
import { shuffledIndices, takeRows } from "@prosopon/training";
import { denoiserStep } from "../denoiser-step.ts";
import { attentionMaps } from "./attention-maps.ts";
import { portraitFirstStage } from "./first-stage-recipe.ts";
import { latentCache } from "./latent-cache.ts";
import { portraitCache } from "./portrait-cache.ts";
import type { Recipe } from "./recipe.ts";
import { startingWeights } from "./starting-weights.ts";

/** The default reenactment U-Net on 16 x 16 latents: small enough for one evaluation in about 4 ms on two cores. */
export const portraitUnet = unetConfig({
  image_size: 16,
  in_channels: 4,
  out_channels: 4,
  model_channels: 32,
  attention_resolutions: [2, 4],
  num_res_blocks: 2,
  channel_mult: [1, 2, 3],
  num_head_channels: 32,
  context_dim: 64,
});

/** Edits go up to this time by default, so most training samples lie below it. */
const busyTimes = 600;
const times = 1000;

/** Learns latent diffusion of rendered portraits with an emotion; needs `first-stage=` the run or file of a first stage. */
export const denoiserRecipe: Recipe = {
  name: "reenactment",
  description: "A latent diffusion U-Net that is told an emotion.",
  defaults: { steps: 12_000, batch: 32, learningRate: 1e-3 },
  settings: {
    "first-stage": { default: "", description: "a first stage: its run's folder or a safetensors file" },
    pictures: { default: "12000", description: "how many pictures are rendered to learn from" },
    drop: { default: "0.15", description: "share of samples whose emotion is dropped, for classifier-free guidance" },
  },
  async prepare(options) {
    const { folder, batch, steps, learningRate, settings, seed, onProgress, signal } = options;
    const from = settings["first-stage"];
    if (!from)
      throw new ProsoponError("bad-input", "The recipe reenactment needs a first stage.", {
        mend: "Give --set first-stage=FOLDER.",
      });
    const cancel = signal ? { signal } : {};
    const progress = (what: string) =>
      onProgress ? { onProgress: (d: number, t: number) => onProgress(what, d, t) } : {};
    const cache = await portraitCache({
      folder: options.cache,
      seed,
      split: "train",
      count: Number(settings["pictures"]),
      ...progress("rendering"),
      ...cancel,
    });
    const { latents, scaleFactor } = await latentCache(
      cache,
      portraitFirstStage,
      await startingWeights(from),
      progress("encoding"),
    );
    await writeFile(join(folder, "latents.json"), `${JSON.stringify({ scaleFactor })}\n`);
    const latent = latents.shape.slice(1) as [number, number, number];
    const program = denoiserStep({ unet: portraitUnet, latent, batch, parameterisation: "v", learningRate, steps });
    const indices = shuffledIndices({ length: cache.count, batch });
    const shape = [batch, ...latent];
    const size = shape.reduce((a, b) => a * b, 1);
    const weights = options.from ? await startingWeights(options.from) : undefined;
    return {
      program,
      columns: ["simple"],
      ...(weights ? { weights } : {}),
      data: {
        length: Math.ceil(cache.count / batch),
        async batch(step, key) {
          const chosen = indices(step, key);
          const draws = uniforms(key, "time", step, 2 * batch);
          const time = Array.from({ length: batch }, (_, i) =>
            Math.floor(draws[i]! * (draws[batch + i]! < 0.6 ? busyTimes : times)),
          );
          return {
            latent: takeRows(latents, chosen),
            noise: tensor("float32", shape, gaussians(key, "noise", step, size)),
            time: tensor("int64", [batch], time),
            // What carries the emotion counts more: else a few numbers of many.
            emphasis: tensor(
              "float32",
              [batch, 1, latent[1], latent[2]],
              attentionMaps(
                Array.from(chosen, (i) => cache.labels[i]!.landmarks),
                latent[1],
              ),
            ),
            "emotion/label": tensor(
              "int64",
              [batch],
              Array.from(chosen, (i) => cache.labels[i]!.emotion),
            ),
            ...dropMasks({ rates: { emotion: Number(settings["drop"]) }, batch, seed: key, step }),
          };
        },
      },
      [Symbol.asyncDispose]: () => cache[Symbol.asyncDispose](),
    };
  },
};
