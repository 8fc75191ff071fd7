import { type UnetConfig, unetConfig } from "@prosopon/core-diffusion";
import { emotions } from "@prosopon/corpus";
import { ProsoponError } from "@prosopon/errors";
import type { Tensor } from "@prosopon/graph";
import { denoiserStep } from "../denoiser-step.ts";
import { dataLatents } from "./data/data-latents.ts";
import { openData } from "./data/open-data.ts";
import { denoiserBatches, times } from "./denoiser-batches.ts";
import { editPairs } from "./edit-pairs.ts";
import { isEntryLayer } from "./entry-layers.ts";
import { latentCache, scaleOf } from "./latent-cache.ts";
import { type FirstStage, firstStageGiven, firstStageSetting, openFirstStage } from "./open-first-stage.ts";
import { portraitCache } from "./portrait-cache.ts";
import type { Recipe, RecipeOptions } from "./recipe.ts";
import { preparedData, type RunData, renderedData, writeRunData } from "./run-data.ts";
import { startingWeights } from "./starting-weights.ts";
import { groupsSetting, unetGroups } from "./unet-groups.ts";

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

/**
 * Of models that learned edits: their way to noise was not guided, and little guidance is enough. Chosen for the default model on 24 people of another
 * draw than those in docs/reenactment.md.
 */
const taughtGuidance = { guidance: 1.75, inversionGuidance: 1 };

/** The entry, and the blocks at the latents' own size on the way in and on the way out: a tenth of the default network. */
function isOuterLayer(name: string, { channel_mult, num_res_blocks }: UnetConfig): boolean {
  if (isEntryLayer(name)) return true;
  const [, part, number] = /^model\.diffusion_model\.(input_blocks|output_blocks|out)\.(\d+)\./.exec(name) ?? [];
  const level = channel_mult.length - 1;
  if (part === "input_blocks") return Number(number) <= num_res_blocks;
  return part === "output_blocks" ? Number(number) >= level * (num_res_blocks + 1) : part === "out";
}

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
    "first-stage": firstStageSetting,
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
    edits: {
      default: "0",
      description: "share of samples that learn edits of rendered pictures, whose result is known; needs --from",
      number: { least: 0, most: 1 },
    },
    learn: {
      default: "all",
      description:
        "what learns: all, or outer, the encoder of the emotion, the layers through which it enters and those at the latents' own size",
      choices: ["all", "outer"],
    },
    groups: groupsSetting,
    drop: {
      default: "0.15",
      description: "share of samples whose emotion is dropped, for classifier-free guidance",
      number: { least: 0, most: 1 },
    },
  },
  async prepare(options) {
    const { folder, batch, steps, learningRate, settings } = options;
    const from = firstStageGiven("reenactment", settings);
    const terminal = settings["terminal"] as "usual" | "zero";
    const given = settings["data"];
    const edits = Math.round(Number(settings["edits"]) * batch);
    if (edits > 0 && given)
      throw new ProsoponError("bad-input", "What an edit should show is known of rendered pictures alone.", {
        mend: "Leave out --set edits, or data.",
      });
    if ((edits > 0 || settings["learn"] === "outer") && options.from === undefined)
      throw new ProsoponError(
        "bad-input",
        "Edits, and outer layers alone, are learned by a denoiser that is trained.",
        {
          mend: "Give one with --from.",
        },
      );
    const firstStage = await openFirstStage(from);
    const learned = await (given ? preparedLatents(given, options, firstStage) : renderedLatents(options, firstStage));
    const { latents, scaleFactor, emotions: labels, landmarks } = learned;
    const latent = latents.shape.slice(1) as [number, number, number];
    const [channels, side] = latent;
    const shape = { image_size: side, in_channels: channels, out_channels: channels };
    const unet = unetConfig({ ...portraitUnet, ...shape, ...(await unetGroups(options)) });
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
      ...(edits > 0 ? taughtGuidance : {}),
    });
    const program = denoiserStep({
      unet,
      latent,
      batch,
      parameterisation: "v",
      terminal,
      learningRate,
      steps,
      ...(settings["learn"] === "outer" ? { frozen: (name) => !isOuterLayer(name, unet) } : {}),
    });
    const weights = options.from ? await startingWeights(options.from) : undefined;
    const pairs =
      edits > 0
        ? await editPairs({
            ...options,
            firstStage,
            latents,
            scaleFactor,
            emotions: labels,
            unet,
            terminal,
            weights: weights!,
          })
        : undefined;
    const draw = denoiserBatches({
      batch,
      latents,
      emotions: labels,
      landmarks,
      drop: Number(settings["drop"]),
      edits: pairs && { pairs, count: edits },
    });
    return {
      program,
      columns: ["simple"],
      ...(weights ? { weights } : {}),
      data: { length: Math.ceil(labels.length / batch), batch: async (step, key) => draw(step, key) },
      async [Symbol.asyncDispose]() {},
    };
  },
};
