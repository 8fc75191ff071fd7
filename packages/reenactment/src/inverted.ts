import { ddim, denoiser, inversionPlan, reversedPlan } from "@prosopon/core-diffusion";
import { tensor } from "@prosopon/graph";
import type { EditEvent } from "./edit-event.ts";
import type { EditModel } from "./edit-model.ts";
import type { EditSettings, EditSettingsInput } from "./edit-options.ts";
import { editPlan } from "./edit-plan.ts";
import { editTimes } from "./edit-times.ts";
import { planSolver } from "./plan-solver.ts";
import type { Planes } from "./planes.ts";

export interface InvertOptions
  extends Pick<EditSettingsInput, "strength" | "steps" | "guidance" | "guidanceRule" | "sampler" | "sigmas"> {
  /** [1, C, h, w], from `encode`. */
  readonly latent: Planes;
  /** The emotion that the picture shows. */
  readonly from: string;
  readonly signal?: AbortSignal;
}

/**
 * The way to noise: deterministic inversion under the emotion that the picture shows (thesis section 4.4), by DDIM as there, or by the levels
 * of the way back in second order, which fewer steps bring as near to the flow.
 */
export async function* inverted(
  model: EditModel,
  { latent, from, signal }: Pick<InvertOptions, "latent" | "from" | "signal">,
  settings: EditSettings,
  guidance: number,
  { before = 0, total = settings.steps } = {},
): AsyncGenerator<EditEvent, Planes, undefined> {
  const { shape } = latent;
  const { schedule, times, config, network } = model;
  const { steps, strength, inversion } = settings;
  const walk =
    inversion === "ddim"
      ? ddim(inversionPlan(schedule, editTimes(steps, strength, times)))
      : planSolver(reversedPlan(editPlan(model, settings)), { lowerOrderFinal: false });
  const denoise = denoiser(await network(shape, [from], guidance), config.parameterization);
  let last = latent;
  for await (const { index, time, noisy, denoised } of walk.sample(denoise, latent.data, signal ? { signal } : {})) {
    last = tensor("float32", shape, noisy);
    yield { event: "inversion", index: before + index + 1, total, time, denoised: tensor("float32", shape, denoised) };
  }
  return last;
}
