import { ProsoponError } from "@prosopon/errors";
import type { EditEvent } from "./edit-event.ts";
import type { EditModel } from "./edit-model.ts";
import { checkEmotion, checkPlanes, type EditSettingsInput, editSettings } from "./edit-options.ts";
import { editTimes } from "./edit-times.ts";
import { exactly } from "./exactly.ts";
import { inverted } from "./inverted.ts";
import { type Planes, sampleOf } from "./planes.ts";
import { sampled } from "./sampled.ts";

export interface EditAllOptions extends EditSettingsInput {
  /** One picture [1, 3, H, W] in [-1, 1]. */
  readonly image: Planes;
  /** The emotion that the picture shows. */
  readonly from: string;
  /** The emotions wanted; each gives a result, all from one inversion. */
  readonly to: readonly string[];
  /** [1, 1, h, w] at the latents' resolution, 0..1: only where it is 1 may the picture change. Default: everywhere. */
  readonly mask?: Planes;
  readonly signal?: AbortSignal;
}

export interface EditOptions extends Omit<EditAllOptions, "to"> {
  readonly to: string;
}

export interface EditResult {
  readonly to: string;
  /** [1, 3, H, W], not clamped. */
  readonly image: Planes;
  /** What the first stage alone makes of the picture. */
  readonly reconstruction: Planes;
  /** [1, C, h, w]: of the picture, after inversion, after sampling. */
  readonly latents: { readonly clean: Planes; readonly noisy: Planes; readonly edited: Planes };
}

/** @throws `bad-input` for a mask that is not one plane at the latents' resolution, or leaves 0..1. */
function checkMask({ shape, data }: Planes, image: Planes, factor: number): void {
  const wanted = [1, 1, image.shape[2]! / factor, image.shape[3]! / factor];
  const fits = `${shape}` === `${wanted}`;
  if (fits && data.every((v) => v >= 0 && v <= 1)) return;
  throw new ProsoponError(
    "bad-input",
    fits ? "The mask leaves 0 to 1." : `The mask must be [${wanted}], not [${shape}].`,
    {
      values: { shape, wanted },
      mend: "Give one number from 0 to 1 for each place of the latents.",
    },
  );
}

/** Encodes a picture, carries it to noise, samples it back under each emotion wanted and decodes. */
export async function* editPicture(
  model: EditModel,
  options: EditAllOptions,
): AsyncGenerator<EditEvent, readonly EditResult[], undefined> {
  const { image, from, to, mask, signal, ...given } = options;
  const { factor, times, encode, decode } = model;
  const { emotions } = model.config;
  const settings = editSettings(given, { guidance: model.config.guidance });
  const call = signal ? { signal } : {};
  checkPlanes(image, 3, factor, "picture");
  if (mask) checkMask(mask, image, factor);
  if (to.length === 0) throw new ProsoponError("bad-input", "No emotion is wanted.", { mend: "Name one in `to`." });
  for (const name of [from, ...to]) checkEmotion(emotions, name);
  editTimes(settings.steps, settings.strength, times);
  const clean = await encode(image, call);
  const targets = { from, to, ...(mask ? { mask } : {}), ...call };
  let made: { readonly noisy: Planes; readonly edited: Planes };
  if (settings.inversion === "exact") made = yield* exactly(model, clean, targets, settings);
  else {
    const most = model.config.inversionGuidance ?? Number.POSITIVE_INFINITY;
    const guidance = settings.inversionGuidance ?? Math.min(settings.guidance, most);
    const up = yield* inverted(model, { latent: clean, from, ...call }, settings, guidance, {
      total: 2 * settings.steps,
    });
    made = { noisy: up, edited: yield* sampled(model, up, { ...targets, clean }, settings) };
  }
  const { noisy, edited } = made;
  const reconstruction = await decode(clean, call);
  const results: EditResult[] = [];
  for (const [index, name] of to.entries()) {
    const latent = sampleOf(edited, index);
    const latents = { clean, noisy, edited: latent };
    results.push({ to: name, image: await decode(latent, call), reconstruction, latents });
  }
  return results;
}
