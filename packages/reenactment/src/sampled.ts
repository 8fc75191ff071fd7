import { blend, denoiser, maskedDenoiser } from "@prosopon/core-diffusion";
import { tensor } from "@prosopon/graph";
import { gaussians } from "@prosopon/random";
import type { EditEvent } from "./edit-event.ts";
import type { EditModel } from "./edit-model.ts";
import type { EditSettings } from "./edit-options.ts";
import { editPlan } from "./edit-plan.ts";
import { type Planes, repeated } from "./planes.ts";
import { samplerOf } from "./sampler-of.ts";

export interface SampledOptions {
  /** The emotion of each sample. */
  readonly to: readonly string[];
  /** With `clean`: only where it is 1 may the latent `clean` change. */
  readonly mask?: Planes;
  readonly clean?: Planes;
  readonly signal?: AbortSignal;
}

/** The way back, under the emotions wanted. `starts` holds one sample, which every target gets, or one for each. */
export async function* sampled(
  model: EditModel,
  starts: Planes,
  { to, mask, clean, signal }: SampledOptions,
  settings: EditSettings,
  { before = settings.steps, total = 2 * settings.steps, strength = settings.strength } = {},
): AsyncGenerator<EditEvent, Planes, undefined> {
  const { schedule, config, network } = model;
  const { guidance, sampler, seed } = settings;
  const shape = [to.length, ...starts.shape.slice(1)];
  const size = starts.data.length / starts.shape[0]!;
  const plan = editPlan(model, { ...settings, strength });
  const free = denoiser(await network(shape, to, guidance), config.parameterization);
  const denoise = mask && clean ? maskedDenoiser(free, mask.data, clean.data) : free;
  const start = starts.shape[0] === to.length ? starts.data : repeated(starts.data, to.length);
  const samples = samplerOf(sampler, schedule, plan, { samples: to.length }).sample(denoise, start, {
    ...(signal ? { signal } : {}),
    // The same noise for every target, so that a batch gives what its targets give alone.
    noise: (step) => repeated(gaussians(seed, "reenactment/sampling", step, size), to.length),
  });
  let last = tensor("float32", shape, start);
  for await (const { index, time, noisy: x, denoised } of samples) {
    last = tensor("float32", shape, x);
    yield {
      event: "sampling",
      index: before + index + 1,
      total,
      time,
      denoised: tensor("float32", shape, denoised),
    };
  }
  return mask && clean ? tensor("float32", shape, blend(mask.data, last.data, clean.data)) : last;
}
