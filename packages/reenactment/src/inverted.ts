import { ddim, denoiser, inversionPlan } from "@prosopon/core-diffusion";
import { tensor } from "@prosopon/graph";
import type { EditEvent } from "./edit-event.ts";
import type { EditModel } from "./edit-model.ts";
import type { EditSettings, EditSettingsInput } from "./edit-options.ts";
import { editTimes } from "./edit-times.ts";
import type { Planes } from "./planes.ts";

export interface InvertOptions extends Pick<EditSettingsInput, "strength" | "steps" | "guidance" | "guidanceRule"> {
  /** [1, C, h, w], from `encode`. */
  readonly latent: Planes;
  /** The emotion that the picture shows. */
  readonly from: string;
  readonly signal?: AbortSignal;
}

/** The way to noise: deterministic inversion under the emotion that the picture shows (thesis section 4.4). */
export async function* inverted(
  { schedule, times, config, network }: EditModel,
  { latent, from, signal }: Pick<InvertOptions, "latent" | "from" | "signal">,
  { steps, strength }: EditSettings,
  guidance: number,
  { before = 0, total = steps } = {},
): AsyncGenerator<EditEvent, Planes, undefined> {
  const { shape } = latent;
  const plan = inversionPlan(schedule, editTimes(steps, strength, times));
  const denoise = denoiser(await network(shape, [from], guidance), config.parameterization);
  let last = latent;
  for await (const { index, time, noisy, denoised } of ddim(plan).sample(
    denoise,
    latent.data,
    signal ? { signal } : {},
  )) {
    last = tensor("float32", shape, noisy);
    yield { event: "inversion", index: before + index + 1, total, time, denoised: tensor("float32", shape, denoised) };
  }
  return last;
}
