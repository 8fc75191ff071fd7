import { ProsoponError } from "@prosopon/errors";
import { tensor } from "@prosopon/graph";
import { gaussians } from "@prosopon/random";
import type { EditEvent } from "./edit-event.ts";
import type { EditModel } from "./edit-model.ts";
import {
  checkEmotion,
  type EditDefaults,
  type EditSettings,
  type EditSettingsInput,
  editSettings,
} from "./edit-options.ts";
import { editTimes } from "./edit-times.ts";
import { type Planes, sampleOf } from "./planes.ts";
import { sampled } from "./sampled.ts";
import { usualSteps } from "./samplers.ts";

export interface GenerateOptions
  extends Pick<EditSettingsInput, "steps" | "guidance" | "guidanceRule" | "sampler" | "sigmas" | "eta" | "seed"> {
  /** One picture for each; a name may stand there more than once. */
  readonly emotions: readonly string[];
  /** The same noise for every picture, so that they are one face with several emotions; default false. */
  readonly sameFace?: boolean;
  readonly signal?: AbortSignal;
}

export interface GenerateResult {
  readonly emotion: string;
  /** [1, 3, H, W], not clamped. */
  readonly image: Planes;
  /** [1, C, h, w]. */
  readonly latent: Planes;
}

/** Settings with their defaults: the whole way from pure noise is longer than an edit's. @throws as `editSettings`. */
export const generationSettings = (given: EditSettingsInput, defaults: EditDefaults = {}): EditSettings =>
  editSettings(given, { steps: usualSteps.generation, ...defaults });

/** New pictures from noise, each of an emotion (thesis section 4.3). */
export async function* generate(
  model: EditModel,
  options: GenerateOptions,
): AsyncGenerator<EditEvent, readonly GenerateResult[], undefined> {
  const { emotions: wanted, sameFace = false, signal, ...given } = options;
  const settings = generationSettings(given, { guidance: model.config.guidance });
  const { times, latentSide, decode } = model;
  const { unet, emotions } = model.config;
  const call = signal ? { signal } : {};
  if (wanted.length === 0) throw new ProsoponError("bad-input", "No emotion is wanted.", { mend: "Name one." });
  for (const name of wanted) checkEmotion(emotions, name);
  const strength = times - 1;
  editTimes(settings.steps, strength, times);
  const shape = [1, unet.in_channels, latentSide, latentSide];
  const size = unet.in_channels * latentSide ** 2;
  const noise = new Float32Array(wanted.length * size);
  for (const index of wanted.keys())
    noise.set(gaussians(settings.seed, "reenactment/generation", sameFace ? 0 : index, size), index * size);
  const starts = tensor("float32", [wanted.length, ...shape.slice(1)], noise);
  const at = { before: 0, total: settings.steps, strength };
  const made = yield* sampled(model, starts, { to: wanted, ...call }, settings, at);
  const results: GenerateResult[] = [];
  for (const [index, emotion] of wanted.entries()) {
    const latent = sampleOf(made, index);
    results.push({ emotion, image: await decode(latent, call), latent });
  }
  return results;
}
