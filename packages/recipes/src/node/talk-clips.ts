import type { TalkConditions } from "@prosopon/conditioning";
import { type ClipCache, clipCache } from "./clip-cache.ts";
import { dataClips } from "./data/data-clips.ts";
import type { PreparedFolder } from "./data/open-data.ts";
import type { FirstStage } from "./open-first-stage.ts";
import type { RecipeOptions, RecipeSetting } from "./recipe.ts";
import { preparedData, type RunData, renderedData } from "./run-data.ts";
import { margin } from "./speech-recipe.ts";

/** Of rendered clips. */
export const renderedRate = 25;
const renderedFrames = 50;

/** What recipes learn from that make faces speak. */
export const clipSettings = {
  data: { default: "", description: "a folder made by prosopon data prepare mead, instead of rendered clips" },
  clips: {
    default: "800",
    description: `how many clips of ${renderedFrames} frames are made to learn from`,
    number: { least: 1, whole: true },
  },
  dubbing: {
    default: "0.3",
    description: "share of samples that are told the masked frame of a film, at most 0.5",
    number: { least: 0, most: 0.5 },
  },
} as const satisfies Readonly<Record<string, RecipeSetting>>;

export interface TalkClipsOptions {
  readonly firstStage: FirstStage;
  /** Films of the user's; rendered clips if not given. */
  readonly data: PreparedFolder | undefined;
  readonly audio: Pick<NonNullable<TalkConditions["audio"]>, "before" | "after">;
}

/** The clips that a run learns from. @throws what `dataClips` and `clipCache` throw. */
export function talkClips(
  { seed, settings, cache: folder, onProgress, signal }: RecipeOptions,
  { firstStage, data, audio: { before, after } }: TalkClipsOptions,
): Promise<ClipCache> {
  const progress = onProgress ? { onProgress: (d: number, t: number) => onProgress("clips", d, t) } : {};
  const shared = { firstStage, ...progress, ...(signal ? { signal } : {}) };
  if (data) return dataClips(data, { ...shared, before, after });
  const count = Number(settings["clips"]);
  const size = { count, frames: renderedFrames, framesPerSecond: renderedRate };
  return clipCache({ ...shared, ...size, margin, folder, seed, split: "train" });
}

/** Says what they are. */
export const clipData = ({ count, frames }: ClipCache, data: PreparedFolder | undefined, seed: number): RunData =>
  data
    ? preparedData(data)
    : renderedData(
        count,
        seed,
        `speaking clips of ${frames} frames made by @prosopon/corpus with Debian's flite (voices kal16, awb, rms)`,
      );
