import { dropMasks } from "@prosopon/conditioning";
import { type Tensor, tensor } from "@prosopon/graph";
import { gaussians, type Seed, uniforms } from "@prosopon/random";
import { shuffledIndices, takeRows } from "@prosopon/training";
import { attentionMaps } from "./attention-maps.ts";
import type { EditPairs } from "./edit-pairs.ts";

/** Of the schedule. */
export const times = 1000;
/** Edits go up to this time by default, so most training samples lie below it. */
const busyTimes = 600;

export interface DenoiserBatchesOptions {
  readonly batch: number;
  /** Scaled, [N, C, h, w]. */
  readonly latents: Tensor<"float32">;
  /** Numbers of the emotions. */
  readonly emotions: readonly number[];
  /** 136 numbers of each picture, where they are known. */
  readonly landmarks: readonly (readonly number[])[] | undefined;
  /** Share of samples whose emotion is dropped. */
  readonly drop: number;
  /** Edits to learn from, and how many samples of a batch do. */
  readonly edits: { readonly pairs: EditPairs; readonly count: number } | undefined;
}

/** What a step of the reenactment denoiser is fed: a function of the step and the seed alone. */
export function denoiserBatches({ batch, latents, emotions, landmarks, drop, edits }: DenoiserBatchesOptions) {
  const indices = shuffledIndices({ length: emotions.length, batch });
  const [, ...latent] = latents.shape as [number, number, number, number];
  const shape = [batch, ...latent];
  const size = shape.reduce((a, b) => a * b, 1);
  return (step: number, seed: Seed): Readonly<Record<string, Tensor>> => {
    const chosen = indices(step, seed);
    const draws = uniforms(seed, "time", step, 2 * batch);
    const time = Array.from({ length: batch }, (_, i) =>
      Math.floor(draws[i]! * (draws[batch + i]! < 0.6 ? busyTimes : times)),
    );
    const clean = takeRows(latents, chosen);
    const noise = gaussians(seed, "noise", step, size);
    const told = Array.from(chosen, (i) => emotions[i]!);
    const faces = landmarks && Array.from(chosen, (i) => landmarks[i]!);
    const masks = dropMasks({ rates: { emotion: drop }, batch, seed, step });
    for (let i = 0; edits && i < edits.count; i++) {
      const one = edits.pairs.at(chosen[i]!, draws[batch + i]!, draws[i]!);
      (clean.data as Float32Array).set(one.latent, i * one.latent.length);
      noise.set(one.noise, i * one.noise.length);
      time[i] = one.time;
      told[i] = one.emotion;
      if (faces) faces[i] = one.landmarks;
      // Without the emotion there is no edit to learn.
      masks["emotion/dropped"]!.data[i] = 0;
    }
    const [, height, width] = latent;
    return {
      latent: clean,
      noise: tensor("float32", shape, noise),
      time: tensor("int64", [batch], time),
      // What carries the emotion counts more: else a few numbers of many.
      emphasis: tensor(
        "float32",
        [batch, 1, height, width],
        faces ? attentionMaps(faces, height) : new Float32Array(batch * height * width).fill(1),
      ),
      "emotion/label": tensor("int64", [batch], told),
      ...masks,
    };
  };
}
