import { join } from "node:path";
import { logMel } from "@prosopon/conditioning";
import { tensor } from "@prosopon/graph";
import { writeFileAtomic } from "@prosopon/media/node";
import { averagesOf, shuffledIndices, takeRows } from "@prosopon/training";
import { type HearingConfig, speechStep } from "../speech-step.ts";
import { heardWindows, judgeHearing } from "./judge-hearing.ts";
import type { Recipe } from "./recipe.ts";
import { speechCache } from "./speech-cache.ts";
import { startingWeights } from "./starting-weights.ts";
import { varyFeatures } from "./vary-features.ts";

/** Rows of features that caches hold beyond both ends of a clip. */
export const margin = 16;
/** So many can be heard before or after a frame. */
export const heardFrames = { least: 0, most: margin, whole: true } as const;
const held = 60;
const shared = { frames: 150, framesPerSecond: 25, margin } as const;
const features = logMel();

/** Learns to hear what a mouth does, on much more speech than is ever drawn; the talking face takes its encoder. Needs Debian's flite. */
export const speechRecipe: Recipe = {
  name: "speech",
  description: "The talking face's encoder of speech, told what the mouth does.",
  defaults: { steps: 6000, batch: 256, learningRate: 2e-3 },
  settings: {
    clips: {
      default: "1500",
      description: `how many clips of ${shared.frames} frames are spoken to learn from`,
      number: { least: 1, whole: true },
    },
    before: { default: "9", description: "frames of speech heard before the target", number: heardFrames },
    after: { default: "4", description: "frames of speech heard after the target", number: heardFrames },
    hidden: {
      default: "128",
      description: "channels of the encoder, a multiple of 8",
      number: { least: 8, whole: true },
    },
    layers: { default: "4", description: "convolutions of the encoder", number: { least: 1, most: 16, whole: true } },
    near: {
      default: "2",
      description: "frames on either side of the target that make its token",
      number: { least: 0, whole: true },
    },
    vary: {
      default: "0.8",
      description: "share of samples whose spectra are varied beyond the recordings",
      number: { least: 0, most: 1 },
    },
  },
  async prepare(options) {
    const { folder, batch, steps, learningRate, settings, seed, onProgress, signal } = options;
    const audio = {
      ...hearingConfig(settings),
      hidden: Number(settings["hidden"]),
      layers: Number(settings["layers"]),
      near: Number(settings["near"]),
    };
    const common = {
      ...shared,
      folder: options.cache,
      seed,
      ...(onProgress ? { onProgress: (d: number, t: number) => onProgress("speech", d, t) } : {}),
      ...(signal ? { signal } : {}),
    };
    const cache = await speechCache({ ...common, split: "train", count: Number(settings["clips"]) });
    const unseen = await speechCache({ ...common, split: "validation", count: held });
    await writeFileAtomic(join(folder, "config.json"), `${JSON.stringify({ audio }, null, 2)}\n`);
    const share = Number(settings["vary"]);
    const program = speechStep({ audio, batch, learningRate, steps });
    const order = shuffledIndices({ length: cache.count * cache.frames, batch });
    const start = options.from ? await startingWeights(options.from) : undefined;
    return {
      program,
      ...(start ? { weights: start } : {}),
      columns: ["moved", "named"],
      data: {
        length: Math.ceil((cache.count * cache.frames) / batch),
        async batch(step, key) {
          const chosen = order(step, key);
          const windows = heardWindows(cache, chosen, audio);
          varyFeatures(windows.data, batch, { centres: features.bandCentres, seed: key, step, share });
          return {
            "audio/window": windows,
            movements: takeRows(cache.movements, chosen),
            viseme: tensor(
              "int64",
              [batch],
              Array.from(chosen, (i) => cache.visemes.data[i]!),
            ),
          };
        },
      },
      look: async (state) => judgeHearing(averagesOf(state), unseen, audio),
      async [Symbol.asyncDispose]() {},
    };
  },
};

/** How the default talking face hears. */
export function hearingConfig(settings: Readonly<Record<string, string>>): HearingConfig {
  const [before, after] = [Number(settings["before"]), Number(settings["after"])];
  return { features: "log-mel", featureSize: features.size, before, after, encode: "convolutional", size: 128 };
}
