import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  dropMasks,
  identityIndex,
  logMel,
  type TalkConditionName,
  type TalkConditions,
  type TalkConfig,
} from "@prosopon/conditioning";
import { type Parameterisation, unetConfig } from "@prosopon/core-diffusion";
import { emotions } from "@prosopon/corpus";
import { ProsoponError } from "@prosopon/errors";
import { type Tensor, tensor } from "@prosopon/graph";
import { gaussians, uniforms } from "@prosopon/random";
import { portraitControlNames } from "@prosopon/talking-face";
import { shuffledIndices } from "@prosopon/training";
import { talkStep } from "../talk-step.ts";
import { type ClipCache, clipCache } from "./clip-cache.ts";
import { dataClips } from "./data/data-clips.ts";
import { openData } from "./data/open-data.ts";
import { scaleOf } from "./latent-cache.ts";
import { openFirstStage } from "./open-first-stage.ts";
import type { Recipe } from "./recipe.ts";
import { writeRunData } from "./run-data.ts";
import { startingWeights } from "./starting-weights.ts";

/** Of rendered clips. */
const [renderedRate, renderedFrames] = [25, 50];
const times = 1000;

const allConditions = ["emotion", "audio", "controls", "masked", "identity", "motion"] as const;
type Known = (typeof allConditions)[number];
const filmed: readonly Known[] = allConditions.filter((name) => name !== "controls");

export interface TalkRecipeSettings {
  readonly conditions: readonly Known[];
  readonly before: number;
  readonly after: number;
  readonly parameterization: Parameterisation;
  readonly scaleFactor: number;
  /** See `TalkConfig.relative`. */
  readonly relative?: number;
  /** Of the latents: channels and side; default: those of the default first stage. */
  readonly latent?: readonly [channels: number, side: number];
  /** What is heard; default: log-mel. */
  readonly features?: { readonly name: string; readonly size: number };
  /** Default 25. */
  readonly framesPerSecond?: number;
}

/** The default talking face on 16 x 16 latents: what it is told can be left out, for ablations in the form of Table 5.1. */
export function portraitTalkConfig({
  conditions: names,
  before,
  after,
  parameterization,
  scaleFactor,
  relative,
  latent: [channels, side] = [4, 16],
  features = { name: "log-mel", size: logMel().size },
  framesPerSecond = renderedRate,
}: TalkRecipeSettings): TalkConfig {
  const has = (name: Known) => names.includes(name);
  const sizes = { emotion: 64, audio: 128, controls: 32 };
  const conditions: TalkConditions = {
    ...(has("emotion") ? { emotion: { size: sizes.emotion } } : {}),
    ...(has("audio")
      ? {
          audio: {
            features: features.name,
            featureSize: features.size,
            before,
            after,
            encode: "convolutional",
            size: sizes.audio,
          },
        }
      : {}),
    ...(has("controls") ? { controls: { names: portraitControlNames, size: sizes.controls } } : {}),
    ...(has("masked") ? { masked: true } : {}),
    ...(has("identity") ? { identity: true } : {}),
    ...(has("motion") ? { motion: 1 } : {}),
  };
  const beside = (["masked", "identity", "motion"] as const).filter(has).length;
  const size = (["emotion", "audio", "controls"] as const).filter(has).reduce((sum, name) => sum + sizes[name], 0);
  return {
    unet: unetConfig({
      image_size: side,
      in_channels: channels * (1 + beside),
      out_channels: channels,
      model_channels: 32,
      attention_resolutions: [2, 4],
      num_res_blocks: 2,
      channel_mult: [1, 2, 3],
      num_head_channels: 32,
      ...(size > 0 ? { embeddingSize: size } : {}),
    }),
    emotions: [...emotions],
    conditions,
    enter: "embedding",
    parameterization,
    schedule: { linear_start: 0.0015, linear_end: 0.0205, timesteps: times },
    scaleFactor,
    ...(relative === undefined ? {} : { relative }),
    framesPerSecond,
    codebook: false,
  };
}

/** How often something is told otherwise than plainly. */
const shares = {
  /** A driving video's masked frame stands beside the latent; its controls are then unknown. */
  dubbing: 0.3,
  /** Identity is the portrait at rest, neutral; or in some emotion; else a frame of the clip. */
  neutralStill: 0.5,
  emotionalStill: 0.25,
  /** The clip has just begun: the last latent is that of the identity picture. */
  beginning: 0.25,
  /** Times near pure noise, where few-step sampling starts. */
  start: 0.4,
};

/** Learns to make a portrait speak; needs `first-stage=` and Debian's flite. */
export const talkRecipe: Recipe = {
  name: "talk",
  description: "A latent diffusion U-Net that is told speech, emotion, head motion and a portrait.",
  defaults: { steps: 12_000, batch: 32, learningRate: 1e-3 },
  settings: {
    "first-stage": {
      default: "",
      description: "a first stage: a model's folder, its run's folder or a safetensors file",
    },
    data: { default: "", description: "a folder made by prosopon data prepare mead, instead of rendered clips" },
    clips: { default: "800", description: `how many clips of ${renderedFrames} frames are made to learn from` },
    conditions: {
      default: allConditions.join("+"),
      description: `what it is told: some of ${allConditions.join("+")}`,
    },
    before: { default: "5", description: "frames of speech heard before the target" },
    after: { default: "4", description: "frames of speech heard after the target" },
    parameterization: { default: "v", description: "what the network predicts: v, x0 or epsilon" },
    target: {
      default: "difference",
      description: "what is denoised: the difference from the identity picture, or the latent itself as in the thesis",
    },
    drop: { default: "0.1", description: "share of samples whose emotion or speech is dropped, for guidance" },
  },
  async prepare(options) {
    const { folder, batch, steps, learningRate, settings, seed, onProgress, signal } = options;
    const from = settings["first-stage"];
    if (!from)
      throw new ProsoponError("bad-input", "The recipe talk needs a first stage.", {
        mend: "Give --set first-stage=FOLDER.",
      });
    const given = settings["data"];
    // Films say nothing of what moved the head; controls are only known where we drew it.
    const told =
      given && settings["conditions"] === allConditions.join("+") ? filmed.join("+") : settings["conditions"];
    const names = (told ?? "").split("+").filter((name) => name !== "");
    if (given && names.includes("controls"))
      throw new ProsoponError("bad-input", "There are no controls in a data set of films.", {
        mend: `Choose some of ${filmed.join("+")}.`,
      });
    const unknown = names.find((name) => !(allConditions as readonly string[]).includes(name));
    if (unknown !== undefined)
      throw new ProsoponError("bad-input", `The talking face knows no condition "${unknown}".`, {
        values: { unknown },
        mend: `Choose some of ${allConditions.join("+")}.`,
      });
    const [before, after] = [whole(settings, "before"), whole(settings, "after")];
    const firstStage = await openFirstStage(from);
    const data = given ? await openData(given, { kind: "clips", split: "train" }) : undefined;
    const progress = onProgress ? { onProgress: (d: number, t: number) => onProgress("clips", d, t) } : {};
    const shared = { firstStage, before, after, ...progress, ...(signal ? { signal } : {}) };
    const cache = await (data
      ? dataClips(data, shared)
      : clipCache({
          ...shared,
          folder: options.cache,
          seed,
          split: "train",
          count: whole(settings, "clips"),
          frames: renderedFrames,
          framesPerSecond: renderedRate,
        }));
    const { frames } = cache;
    const scaleFactor = scaleOf(cache.latents.data);
    await writeFile(join(folder, "latents.json"), `${JSON.stringify({ scaleFactor })}\n`);
    const latent = cache.latents.shape.slice(1) as [number, number, number];
    const config = portraitTalkConfig({
      conditions: names as Known[],
      before,
      after,
      parameterization: settings["parameterization"] as Parameterisation,
      scaleFactor,
      ...(settings["target"] === "difference" && names.includes("identity")
        ? { relative: differenceScale(cache, scaleFactor) }
        : {}),
      latent: [latent[0], latent[1]],
      ...(data ? { features: data.manifest.features!, framesPerSecond: data.manifest.framesPerSecond! } : {}),
    });
    const { domain = "rendered portraits", alignment } = data?.manifest ?? {};
    const sentence = data
      ? `${data.items.length} clips of the user's in the layout ${data.manifest.layout}, aligned "${alignment}".`
      : `${cache.count} speaking clips of ${frames} frames made by @prosopon/corpus with Debian's flite (voices kal16, awb, rms) from seed ${seed}, people of the training part only.`;
    await writeRunData(folder, { domain, alignment, sentence }, { ...config, latentSide: latent[1] });
    const program = talkStep({ config, latent, batch, learningRate, steps });
    const draw = talkBatches(cache, config, { batch, scaleFactor, drop: Number(settings["drop"]) });
    const start = options.from ? await startingWeights(options.from) : undefined;
    return {
      program,
      columns: ["simple"],
      ...(start ? { weights: start } : {}),
      data: { length: Math.ceil((cache.count * frames) / batch), batch: async (step, key) => draw(step, key) },
      async [Symbol.asyncDispose]() {},
    };
  },
};

/** Brings differences from the portrait at rest to unit variance. */
function differenceScale({ latents, stills, count, frames }: ClipCache, scaleFactor: number): number {
  const size = latents.data.length / (count * frames);
  let square = 0;
  for (let clip = 0; clip < count; clip++) {
    for (let k = 0; k < frames; k += 10) {
      const [at, still] = [(clip * frames + k) * size, 2 * clip * size];
      for (let j = 0; j < size; j++) square += (latents.data[at + j]! - stills.data[still + j]!) ** 2;
    }
  }
  const samples = count * Math.ceil(frames / 10) * size;
  return 1 / (scaleFactor * Math.sqrt(square / samples));
}

function whole(settings: Readonly<Record<string, string>>, key: string): number {
  const value = Number(settings[key]);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new ProsoponError("bad-input", `The setting ${key}=${settings[key]} is no whole number.`, {
    values: { [key]: settings[key] },
  });
}

interface BatchOptions {
  readonly batch: number;
  readonly scaleFactor: number;
  readonly drop: number;
}

/** Training samples: each a frame of a clip under what the talking face will be told of it when it speaks or dubs. */
function talkBatches(cache: ClipCache, config: TalkConfig, { batch, scaleFactor, drop }: BatchOptions) {
  const { frames, latents, stills, masked, features, controls, mouths, emotions: labels } = cache;
  const latent = latents.shape.slice(1) as [number, number, number];
  const size = latent.reduce((a, b) => a * b, 1);
  const [, height, width] = latent;
  const order = shuffledIndices({ length: cache.count * frames, batch });
  const { audio } = config.conditions;
  const window = audio ? audio.before + 1 + audio.after : 0;
  const [, rows, featureSize] = features.shape as [number, number, number];
  const moves = controls.shape[1]!;
  const told = Object.keys(config.conditions) as TalkConditionName[];

  return (step: number, key: Parameters<typeof uniforms>[0]): Record<string, Tensor> => {
    const chosen = order(step, key);
    const draws = uniforms(key, "talk/choices", step, 10 * batch);
    const jitter = gaussians(key, "talk/motion", step, batch * size);
    const shape = [batch, ...latent];
    const target = tensor("float32", shape);
    const identity = tensor("float32", shape);
    const motion = tensor("float32", shape);
    const hidden = tensor("float32", shape);
    const heard = tensor("float32", [batch, window, featureSize]);
    const moved = tensor("float32", [batch, moves]);
    const emphasis = tensor("float32", [batch, 1, height, width]);
    const unknownControls = new Uint8Array(batch);
    const time: number[] = [];
    const emotion: number[] = [];
    for (let i = 0; i < batch; i++) {
      const u = (n: number) => draws[10 * i + n]!;
      const place = chosen[i]!;
      const clip = Math.floor(place / frames);
      const k = place % frames;
      const copy = (from: Tensor<"float32">, row: number, into: Tensor<"float32">) => {
        for (let j = 0; j < size; j++) into.data[i * size + j] = from.data[row * size + j]! * scaleFactor;
      };
      copy(latents, place, target);
      // Who speaks, and the pose that the controls are measured from.
      const own = controls.data.subarray(place * moves, (place + 1) * moves);
      const values = Float32Array.from(own);
      if (u(0) < shares.neutralStill) copy(stills, 2 * clip, identity);
      else if (u(0) < shares.neutralStill + shares.emotionalStill) copy(stills, 2 * clip + 1, identity);
      else {
        const other = clip * frames + identityIndex(k, frames, u(1));
        copy(latents, other, identity);
        for (let c = 0; c < 3; c++) values[c]! -= controls.data[other * moves + c]!;
      }
      moved.data.set(values, i * moves);
      // What was made before, not quite clean, so that its errors are not trusted later.
      if (k === 0 || u(2) < shares.beginning)
        motion.data.set(identity.data.subarray(i * size, (i + 1) * size), i * size);
      else copy(latents, place - 1, motion);
      const amount = 0.5 * u(3);
      for (let j = i * size; j < (i + 1) * size; j++) motion.data[j]! += amount * jitter[j]!;
      const dubs = told.includes("masked") && clip % 2 === 0 && u(4) < 2 * shares.dubbing;
      const { relative } = config;
      if (relative !== undefined)
        for (let j = i * size; j < (i + 1) * size; j++)
          target.data[j] = (target.data[j]! - identity.data[j]!) * relative;
      if (dubs) copy(masked, (clip / 2) * frames + k, hidden);
      unknownControls[i] = u(5) < (dubs ? 0.7 : 0.05) ? 1 : 0;
      if (window > 0) {
        const first = clip * rows + k;
        heard.data.set(
          features.data.subarray(first * featureSize, (first + window) * featureSize),
          i * window * featureSize,
        );
      }
      time.push(Math.floor(u(6) < shares.start ? times * (0.9 + 0.1 * u(7)) : times * u(7)));
      emotion.push(labels.data[clip]!);
      const [x, y] = [mouths.data[2 * place]! * width - 0.5, mouths.data[2 * place + 1]! * height - 0.5];
      for (let row = 0; row < height; row++)
        for (let column = 0; column < width; column++)
          emphasis.data[(i * height + row) * width + column] =
            1 + 5 * Math.exp(-((row - y) ** 2 + ((column - x) / 1.4) ** 2) / (2 * 1.5 ** 2));
    }
    const all: Record<string, Tensor> = {
      "emotion/label": tensor("int64", [batch], emotion),
      "audio/window": heard,
      "controls/values": moved,
      "masked/latents": hidden,
      "identity/latents": identity,
      "motion/latents": motion,
    };
    const rates = Object.fromEntries(
      (["emotion", "audio"] as const).filter((n) => told.includes(n)).map((n) => [n, drop]),
    );
    return {
      latent: target,
      noise: tensor("float32", shape, gaussians(key, "talk/noise", step, batch * size)),
      time: tensor("int64", [batch], time),
      emphasis,
      ...Object.fromEntries(
        Object.entries(all).filter(([name]) => told.includes(name.split("/")[0] as TalkConditionName)),
      ),
      ...dropMasks({ rates, batch, seed: key, step }),
      ...(told.includes("controls") ? { "controls/dropped": tensor("bool", [batch], unknownControls) } : {}),
    };
  };
}
