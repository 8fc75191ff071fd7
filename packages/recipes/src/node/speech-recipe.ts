import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { logMel } from "@prosopon/conditioning";
import { ProsoponError } from "@prosopon/errors";
import { tensor } from "@prosopon/graph";
import { averagesOf, shuffledIndices, takeRows } from "@prosopon/training";
import { type HearingConfig, speechStep } from "../speech-step.ts";
import { heardWindows, judgeHearing } from "./judge-hearing.ts";
import type { Recipe } from "./recipe.ts";
import { speechCache } from "./speech-cache.ts";
import { startingWeights } from "./starting-weights.ts";
import { varyFeatures } from "./vary-features.ts";

/** Rows of features that caches hold beyond both ends of a clip. */
export const margin = 16;
const held = 60;
const shared = { frames: 150, framesPerSecond: 25, margin } as const;
const features = logMel();

/** Learns to hear what a mouth does, on much more speech than is ever drawn; the talking face takes its encoder. Needs Debian's flite. */
export const speechRecipe: Recipe = {
  name: "speech",
  description: "The talking face's encoder of speech, told what the mouth does.",
  defaults: { steps: 6000, batch: 256, learningRate: 2e-3 },
  settings: {
    clips: { default: "1500", description: `how many clips of ${shared.frames} frames are spoken to learn from` },
    before: { default: "9", description: "frames of speech heard before the target" },
    after: { default: "4", description: "frames of speech heard after the target" },
    hidden: { default: "128", description: "channels of the encoder" },
    layers: { default: "4", description: "convolutions of the encoder" },
    near: { default: "2", description: "frames on either side of the target that make its token" },
    vary: { default: "yes", description: "whether spectra are varied beyond the recordings: yes or no" },
  },
  async prepare(options) {
    const { folder, batch, steps, learningRate, settings, seed, onProgress, signal } = options;
    const audio = {
      ...hearingConfig(settings),
      hidden: whole(settings, "hidden"),
      layers: whole(settings, "layers"),
      near: whole(settings, "near"),
    };
    const common = {
      ...shared,
      folder: options.cache,
      seed,
      ...(onProgress ? { onProgress: (d: number, t: number) => onProgress("speech", d, t) } : {}),
      ...(signal ? { signal } : {}),
    };
    const cache = await speechCache({ ...common, split: "train", count: whole(settings, "clips") });
    const unseen = await speechCache({ ...common, split: "validation", count: held });
    await writeFile(join(folder, "config.json"), `${JSON.stringify({ audio }, null, 2)}\n`);
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
          if (settings["vary"] === "yes")
            varyFeatures(windows.data, batch, { centres: features.bandCentres, seed: key, step });
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

/** How the default talking face hears. @throws `bad-input` for a window wider than the clips' margin. */
export function hearingConfig(settings: Readonly<Record<string, string>>): HearingConfig {
  const [before, after] = [whole(settings, "before"), whole(settings, "after")];
  if (Math.max(before, after) > margin)
    throw new ProsoponError("bad-input", `A window of ${before} and ${after} frames is too wide.`, {
      values: { before, after },
      mend: `Hear at most ${margin} frames before and after.`,
    });
  return { features: "log-mel", featureSize: features.size, before, after, encode: "convolutional", size: 128 };
}

function whole(settings: Readonly<Record<string, string>>, key: string): number {
  const value = Number(settings[key]);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new ProsoponError("bad-input", `The setting ${key}=${settings[key]} is no whole number.`, {
    values: { [key]: settings[key] },
  });
}
