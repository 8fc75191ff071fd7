import { slerp } from "@prosopon/core-diffusion";
import { ProsoponError } from "@prosopon/errors";
import { tensor } from "@prosopon/graph";
import type { EditEvent } from "./edit-event.ts";
import type { EditModel } from "./edit-model.ts";
import { checkEmotion, checkPlanes, type EditSettingsInput, editSettings } from "./edit-options.ts";
import { inverted } from "./inverted.ts";
import { type Planes, sampleOf } from "./planes.ts";
import { sampled } from "./sampled.ts";

export interface InterpolateOptions
  extends Pick<
    EditSettingsInput,
    "strength" | "steps" | "guidance" | "guidanceRule" | "sampler" | "sigmas" | "eta" | "seed"
  > {
  /** Two pictures [1, 3, H, W] in [-1, 1]. */
  readonly images: readonly [Planes, Planes];
  /** The emotions that they show. */
  readonly from: readonly [string, string];
  /** The emotion of all that lies between; default: that of the nearer end. */
  readonly to?: string;
  /** λ of each picture, 0 is the first and 1 the second. */
  readonly lambdas: readonly number[];
  readonly signal?: AbortSignal;
}

export interface InterpolateResult {
  readonly lambda: number;
  readonly emotion: string;
  readonly image: Planes;
  readonly latent: Planes;
}

/** Pictures between two pictures: both are carried to noise, met half-way on a sphere (eq. 4.12) and sampled back. */
export async function* interpolate(
  model: EditModel,
  options: InterpolateOptions,
): AsyncGenerator<EditEvent, readonly InterpolateResult[], undefined> {
  const { images, from, to, lambdas, signal, ...given } = options;
  const settings = editSettings(given, { guidance: model.config.guidance });
  const { factor, encode, decode } = model;
  const { emotions } = model.config;
  const call = signal ? { signal } : {};
  for (const one of images) checkPlanes(one, 3, factor, "picture");
  if (`${images[0].shape}` !== `${images[1].shape}`)
    throw new ProsoponError("bad-input", `Pictures of [${images[0].shape}] and [${images[1].shape}] have no between.`, {
      mend: "Bring them to one size first.",
    });
  for (const name of [...from, ...(to === undefined ? [] : [to])]) checkEmotion(emotions, name);
  if (lambdas.length === 0 || lambdas.some((l) => !(l >= 0 && l <= 1)))
    throw new ProsoponError("bad-input", `The positions ${lambdas} are none from 0 to 1.`, { values: { lambdas } });
  const { steps } = settings;
  const total = 3 * steps;
  const noises: Planes[] = [];
  for (const [which, image] of images.entries()) {
    const latent = await encode(image, call);
    const what = { latent, from: from[which]!, ...call };
    const at = { before: which * steps, total };
    noises.push(yield* inverted(model, what, settings, settings.guidance, at));
  }
  const [a, b] = noises as [Planes, Planes];
  const size = a.data.length;
  const starts = new Float32Array(size * lambdas.length);
  for (const [i, lambda] of lambdas.entries()) starts.set(slerp(a.data, b.data, lambda), i * size);
  const wanted = lambdas.map((lambda) => to ?? from[lambda < 0.5 ? 0 : 1]);
  const shape = [lambdas.length, ...a.shape.slice(1)];
  const at = { before: 2 * steps, total };
  const planes = tensor("float32", shape, starts);
  const made = yield* sampled(model, planes, { to: wanted, ...call }, settings, at);
  const results: InterpolateResult[] = [];
  for (const [index, lambda] of lambdas.entries()) {
    const latent = sampleOf(made, index);
    results.push({ lambda, emotion: wanted[index]!, image: await decode(latent, call), latent });
  }
  return results;
}
