import { dropMasks } from "@prosopon/conditioning";
import { unetConfig } from "@prosopon/core-diffusion";
import { emotions } from "@prosopon/corpus";
import { ProsoponError } from "@prosopon/errors";
import { type Tensor, tensor } from "@prosopon/graph";
import { gaussians, uniforms } from "@prosopon/random";
import { shuffledIndices, takeRows } from "@prosopon/training";
import { denoiserStep } from "../denoiser-step.ts";
import { attentionMaps } from "./attention-maps.ts";
import { dataLatents } from "./data/data-latents.ts";
import { openData } from "./data/open-data.ts";
import { latentCache, scaleOf } from "./latent-cache.ts";
import { type FirstStage, openFirstStage } from "./open-first-stage.ts";
import { portraitCache } from "./portrait-cache.ts";
import type { Recipe, RecipeOptions } from "./recipe.ts";
import { preparedData, type RunData, renderedData, writeRunData } from "./run-data.ts";
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

/** What is learned from: scaled latents with their emotions. */
interface Learned extends RunData {
  readonly latents: Tensor<"float32">;
  readonly scaleFactor: number;
  readonly emotions: readonly number[];
  /** 136 numbers of each picture, where they are known. */
  readonly landmarks?: readonly (readonly number[])[];
}

async function renderedLatents(options: RecipeOptions, firstStage: FirstStage): Promise<Learned> {
  const { settings, seed, onProgress, signal } = options;
  const progress = (what: string) =>
    onProgress ? { onProgress: (d: number, t: number) => onProgress(what, d, t) } : {};
  await using cache = await portraitCache({
    folder: options.cache,
    seed,
    split: "train",
    count: Number(settings["pictures"]),
    ...progress("rendering"),
    ...(signal ? { signal } : {}),
  });
  return {
    ...(await latentCache(cache, firstStage.config, firstStage.weights, progress("encoding"))),
    emotions: cache.labels.map((label) => label.emotion),
    landmarks: cache.labels.map((label) => label.landmarks),
    ...renderedData(cache.count, seed),
  };
}

async function preparedLatents(folder: string, options: RecipeOptions, firstStage: FirstStage): Promise<Learned> {
  const { onProgress, signal } = options;
  const data = await openData(folder, { kind: "pictures", split: "train" });
  const latents = await dataLatents(data, {
    firstStage,
    onProgress: onProgress && ((done, total) => onProgress("encoding", done, total)),
    signal,
  });
  const scaleFactor = scaleOf(latents.data);
  for (let i = 0; i < latents.data.length; i++) latents.data[i]! *= scaleFactor;
  return { latents, scaleFactor, emotions: data.items.map((one) => one.emotion), ...preparedData(data) };
}

/** Learns latent diffusion of portraits with an emotion, rendered ones or those of `data=`; needs `first-stage=`. */
export const denoiserRecipe: Recipe = {
  name: "reenactment",
  description: "A latent diffusion U-Net that is told an emotion.",
  defaults: { steps: 12_000, batch: 32, learningRate: 1e-3 },
  settings: {
    "first-stage": {
      default: "",
      description: "a first stage: a model's folder, its run's folder or a safetensors file",
    },
    data: { default: "", description: "a folder made by prosopon data prepare, instead of rendered pictures" },
    pictures: {
      default: "12000",
      description: "how many pictures are rendered to learn from",
      number: { least: 1, whole: true },
    },
    terminal: {
      default: "usual",
      description: "zero: the schedule ends in pure noise (zero terminal signal)",
      choices: ["usual", "zero"],
    },
    drop: {
      default: "0.15",
      description: "share of samples whose emotion is dropped, for classifier-free guidance",
      number: { least: 0, most: 1 },
    },
  },
  async prepare(options) {
    const { folder, batch, steps, learningRate, settings } = options;
    const from = settings["first-stage"];
    if (!from)
      throw new ProsoponError("bad-input", "The recipe reenactment needs a first stage.", {
        mend: "Give --set first-stage=FOLDER.",
      });
    const terminal = settings["terminal"] as "usual" | "zero";
    const given = settings["data"];
    const firstStage = await openFirstStage(from);
    const learned = await (given ? preparedLatents(given, options, firstStage) : renderedLatents(options, firstStage));
    const { latents, scaleFactor, emotions: labels, landmarks } = learned;
    const latent = latents.shape.slice(1) as [number, number, number];
    const [channels, side] = latent;
    const unet = unetConfig({ ...portraitUnet, image_size: side, in_channels: channels, out_channels: channels });
    await writeRunData(folder, learned, {
      unet,
      emotions: [...emotions],
      embeddingSize: unet.context_dim,
      parameterization: "v",
      schedule: {
        linear_start: 0.0015,
        linear_end: 0.0205,
        timesteps: times,
        ...(terminal === "zero" ? { zeroTerminal: true } : {}),
      },
      scaleFactor,
    });
    const program = denoiserStep({ unet, latent, batch, parameterisation: "v", terminal, learningRate, steps });
    const indices = shuffledIndices({ length: labels.length, batch });
    const shape = [batch, ...latent];
    const size = shape.reduce((a, b) => a * b, 1);
    const weights = options.from ? await startingWeights(options.from) : undefined;
    return {
      program,
      columns: ["simple"],
      ...(weights ? { weights } : {}),
      data: {
        length: Math.ceil(labels.length / batch),
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
              landmarks
                ? attentionMaps(
                    Array.from(chosen, (i) => landmarks[i]!),
                    latent[1],
                  )
                : new Float32Array(batch * latent[1] * latent[2]).fill(1),
            ),
            "emotion/label": tensor(
              "int64",
              [batch],
              Array.from(chosen, (i) => labels[i]!),
            ),
            ...dropMasks({ rates: { emotion: Number(settings["drop"]) }, batch, seed: key, step }),
          };
        },
      },
      async [Symbol.asyncDispose]() {},
    };
  },
};
