import { join } from "node:path";
import type { UnetConfig } from "@prosopon/core-diffusion";
import type { Tensor } from "@prosopon/graph";
import { reenactmentSchedule } from "../denoiser-step.ts";
import { invertedLatents } from "./inverted-latents.ts";
import { keptTensors } from "./kept-tensors.ts";
import { latentCache } from "./latent-cache.ts";
import type { FirstStage } from "./open-first-stage.ts";
import { portraitCache } from "./portrait-cache.ts";
import type { RecipeOptions } from "./recipe.ts";

export interface EditPairsOptions extends Pick<RecipeOptions, "folder" | "cache" | "seed" | "onProgress" | "signal"> {
  readonly firstStage: FirstStage;
  /** Of the pictures as they are: scaled latents [N, C, h, w] and their emotions. */
  readonly latents: Tensor<"float32">;
  readonly scaleFactor: number;
  readonly emotions: readonly number[];
  readonly unet: UnetConfig;
  readonly terminal: "usual" | "zero";
  /** The denoiser that inverts. */
  readonly weights: ReadonlyMap<string, Tensor>;
}

/** A training sample of an edit. */
export interface EditSample {
  /** The latent that the edit should come to. */
  readonly latent: Float32Array;
  /** What, added to it at `time`, lies on the straight way from the inverted source to it. */
  readonly noise: Float32Array;
  readonly time: number;
  /** The emotion that is wanted. */
  readonly emotion: number;
  readonly landmarks: readonly number[];
}

export interface EditPairs {
  /** The edit of picture `index`; the two uniform numbers choose its strength and its time. */
  at(index: number, strength: number, along: number): EditSample;
}

/** Strengths that are learned; the middle one, that of edits by default, most often. */
const strengths = [300, 500, 700] as const;
const strengthAt = (uniform: number) => (uniform < 0.2 ? 0 : uniform < 0.8 ? 1 : 2);

/**
 * Edits whose result is known, since the renderer can draw it: pictures inverted to several strengths, and the same people rendered with another
 * emotion. Training on them, the denoiser learns where an edit should go from there, beside what generation should come to.
 */
export async function editPairs(options: EditPairsOptions): Promise<EditPairs> {
  const { folder, cache, seed, firstStage, latents, scaleFactor, terminal, onProgress, signal } = options;
  const schedule = reenactmentSchedule(terminal);
  const progress = (what: string) =>
    onProgress ? { onProgress: (d: number, t: number) => onProgress(what, d, t) } : {};
  await using pictures = await portraitCache({
    folder: cache,
    seed,
    split: "train",
    count: latents.shape[0]!,
    edited: true,
    ...progress("rendering edits"),
    ...(signal ? { signal } : {}),
  });
  const { labels } = pictures;
  const edited = await latentCache(pictures, firstStage.config, firstStage.weights, {
    scaleFactor,
    ...progress("encoding edits"),
  });
  const names = strengths.map((strength) => `at-${strength}`);
  const inverted = await keptTensors(join(folder, "inverted.safetensors"), names, async () => {
    const { emotions, unet, weights } = options;
    const given = { latents, emotions, unet, weights, schedule, signal };
    const found = await invertedLatents({ ...given, times: strengths, ...progress("inverting") });
    return Object.fromEntries(names.map((name, i) => [name, found[i]!]));
  });
  const size = latents.data.length / latents.shape[0]!;
  return {
    at(index, strength, along) {
      const nth = strengthAt(strength);
      const row = ({ data }: Tensor<"float32">) => data.subarray(index * size, (index + 1) * size);
      const latent = row(edited.latents);
      const start = row(inverted[names[nth]!]!);
      const alpha = schedule[strengths[nth]]!;
      const [signalRate, noiseRate] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
      return {
        latent,
        noise: latent.map((v, i) => (start[i]! - signalRate * v) / noiseRate),
        // More often near the start, where the way is chosen.
        time: Math.round(strengths[nth] * (1 - along ** 2)),
        emotion: labels[index]!.emotion,
        landmarks: labels[index]!.landmarks,
      };
    },
  };
}
