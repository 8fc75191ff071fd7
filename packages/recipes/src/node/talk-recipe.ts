import { join } from "node:path";
import { logMel, type TalkConditions, type TalkConfig, talkConditionsSchema } from "@prosopon/conditioning";
import { type Parameterisation, unetConfig } from "@prosopon/core-diffusion";
import { emotions } from "@prosopon/corpus";
import { ProsoponError } from "@prosopon/errors";
import type { Tensor } from "@prosopon/graph";
import { under } from "@prosopon/nn";
import { portraitControlNames } from "@prosopon/talking-face";
import * as z from "zod";
import { type HearingConfig, hearingPlace } from "../speech-step.ts";
import { talkStep } from "../talk-step.ts";
import type { ClipCache } from "./clip-cache.ts";
import { openData } from "./data/open-data.ts";
import { isEntryLayer } from "./entry-layers.ts";
import { scaleOf } from "./latent-cache.ts";
import { firstStageGiven, firstStageSetting, openFirstStage } from "./open-first-stage.ts";
import { readNote } from "./read-note.ts";
import type { Recipe } from "./recipe.ts";
import { writeRunData } from "./run-data.ts";
import { heardFrames, hearingConfig } from "./speech-recipe.ts";
import { startingWeights } from "./starting-weights.ts";
import { talkBatches } from "./talk-batches.ts";
import { clipData, clipSettings, renderedRate, talkClips } from "./talk-clips.ts";
import { groupsSetting, unetGroups } from "./unet-groups.ts";

const times = 1000;

const allConditions = ["emotion", "audio", "controls", "masked", "identity", "motion"] as const;
type Known = (typeof allConditions)[number];
const filmed: readonly Known[] = allConditions.filter((name) => name !== "controls");

export interface TalkRecipeSettings {
  readonly conditions: readonly Known[];
  /** How it hears, where it does. */
  readonly audio: HearingConfig;
  readonly parameterization: Parameterisation;
  readonly scaleFactor: number;
  /** See `TalkConfig.relative`. */
  readonly relative?: number;
  /** Of the latents: channels and side; default: those of the default first stage. */
  readonly latent?: readonly [channels: number, side: number];
  /** Default 25. */
  readonly framesPerSecond?: number;
  /** Of the U-Net's normalisations; default: as `unetConfig`'s. */
  readonly groups?: number;
}

/** The default talking face on 16 x 16 latents: what it is told can be left out, for ablations in the form of Table 5.1. */
export function portraitTalkConfig({
  conditions: names,
  audio,
  parameterization,
  scaleFactor,
  relative,
  latent: [channels, side] = [4, 16],
  framesPerSecond = renderedRate,
  groups,
}: TalkRecipeSettings): TalkConfig {
  const has = (name: Known) => names.includes(name);
  const sizes = { emotion: 64, audio: audio.size, controls: 32 };
  const conditions: TalkConditions = {
    ...(has("emotion") ? { emotion: { size: sizes.emotion } } : {}),
    ...(has("audio") ? { audio } : {}),
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
      ...(groups === undefined ? {} : { groups }),
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

/** Learns to make a portrait speak; needs `first-stage=` and Debian's flite. */
export const talkRecipe: Recipe = {
  name: "talk",
  description: "A latent diffusion U-Net that is told speech, emotion, head motion and a portrait.",
  defaults: { steps: 12_000, batch: 32, learningRate: 1e-3 },
  settings: {
    "first-stage": firstStageSetting,
    ...clipSettings,
    conditions: {
      default: allConditions.join("+"),
      description: `what it is told: some of ${allConditions.join("+")}`,
    },
    before: { default: "5", description: "frames of speech heard before the target", number: heardFrames },
    after: { default: "4", description: "frames of speech heard after the target", number: heardFrames },
    groups: groupsSetting,
    parameterization: {
      default: "v",
      description: "what the network predicts: v, x0 or epsilon",
      choices: ["v", "x0", "epsilon"],
    },
    target: {
      default: "difference",
      description: "what is denoised: the difference from the identity picture, or the latent itself as in the thesis",
      choices: ["difference", "latent"],
    },
    hearing: {
      default: "",
      description: "the folder of a run of the recipe speech: its window and encoder are taken and stay as they are",
    },
    vary: {
      default: "0.8",
      description: "share of samples whose spectra are varied, where the encoder is taken",
      number: { least: 0, most: 1 },
    },
    learn: {
      default: "all",
      description:
        "what learns: all, or entry, the encoders of what it is told and the layers through which that enters",
      choices: ["all", "entry"],
    },
    drop: {
      default: "0.1",
      description: "share of samples whose emotion or speech is dropped, for guidance",
      number: { least: 0, most: 1 },
    },
  },
  async prepare(options) {
    const { folder, batch, steps, learningRate, settings, seed } = options;
    const from = firstStageGiven("talk", settings);
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
    const firstStage = await openFirstStage(from);
    const data = given ? await openData(given, { kind: "clips", split: "train" }) : undefined;
    const heard = settings["hearing"] ? await hearingOf(settings["hearing"]) : undefined;
    const features = data?.manifest.features ?? { name: "log-mel", size: logMel().size };
    const audio = heard?.audio ?? { ...hearingConfig(settings), features: features.name, featureSize: features.size };
    if (audio.features !== features.name)
      throw new ProsoponError("bad-input", `The run hears ${audio.features}, the clips hold ${features.name}.`, {
        values: { run: audio.features, clips: features.name },
        mend: "Leave out --set hearing, or prepare the clips with the run's features.",
      });
    const cache = await talkClips(options, { firstStage, data, audio });
    const { frames } = cache;
    const scaleFactor = scaleOf(cache.latents.data);
    const latent = cache.latents.shape.slice(1) as [number, number, number];
    const config = portraitTalkConfig({
      conditions: names as Known[],
      audio,
      parameterization: settings["parameterization"] as Parameterisation,
      scaleFactor,
      ...(settings["target"] === "difference" && names.includes("identity")
        ? { relative: differenceScale(cache, scaleFactor) }
        : {}),
      latent: [latent[0], latent[1]],
      ...(data ? { framesPerSecond: data.manifest.framesPerSecond! } : {}),
      ...(await unetGroups(options)),
    });
    await writeRunData(folder, clipData(cache, data, seed), { ...config, latentSide: latent[1] });
    const program = talkStep({
      config,
      latent,
      batch,
      learningRate,
      steps,
      frozen: (name) => heard?.weights.has(name) === true || (settings["learn"] === "entry" && !isEntryLayer(name)),
    });
    const draw = talkBatches(cache, config, {
      batch,
      scaleFactor,
      drop: Number(settings["drop"]),
      dubbing: Number(settings["dubbing"]),
      vary: heard && { centres: logMel().bandCentres, share: Number(settings["vary"]) },
    });
    const start = new Map([...(options.from ? await startingWeights(options.from) : []), ...(heard?.weights ?? [])]);
    return {
      program,
      columns: ["simple"],
      weights: start,
      data: { length: Math.ceil((cache.count * frames) / batch), batch: async (step, key) => draw(step, key) },
      async [Symbol.asyncDispose]() {},
    };
  },
};

const heardSchema = z.object({ audio: talkConditionsSchema.shape.audio.unwrap() });

/** How a run of the recipe speech hears; what stands for no speech is the talking face's to learn. */
async function hearingOf(run: string): Promise<{ audio: HearingConfig; weights: ReadonlyMap<string, Tensor> }> {
  const mend = "Give the folder of a finished run of the recipe speech.";
  const { audio } = await readNote(join(run, "config.json"), heardSchema, mend);
  const isEncoder = under(hearingPlace);
  const all = await startingWeights(run);
  const weights = new Map([...all].filter(([name]) => isEncoder(name) && name !== `${hearingPlace}.absent`));
  return { audio, weights };
}

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
