import type { CallOptions } from "@prosopon/core-diffusion";
import type { EditEvent } from "./edit-event.ts";
import { type EditModelOptions, editModel } from "./edit-model.ts";
import { checkEmotion, checkPlanes, editSettings } from "./edit-options.ts";
import { type EditAllOptions, type EditOptions, type EditResult, editPicture } from "./edit-picture.ts";
import { type GenerateOptions, type GenerateResult, generate } from "./generate.ts";
import { type InterpolateOptions, type InterpolateResult, interpolate } from "./interpolate.ts";
import { type InvertOptions, inverted } from "./inverted.ts";
import type { Planes } from "./planes.ts";

export type CreateEditorOptions = EditModelOptions;

/** Edits pictures of one model on one host. Sessions open at their first use and close with it. */
export interface Editor extends AsyncDisposable {
  readonly emotions: readonly string[];
  /** Pictures [B, 3, H, W] in [-1, 1] -> latents [B, C, h, w]. */
  encode(images: Planes, options?: CallOptions): Promise<Planes>;
  /** Latents [B, C, h, w] -> pictures [B, 3, H, W], not clamped. */
  decode(latents: Planes, options?: CallOptions): Promise<Planes>;
  /** Carries a latent to the noise from which sampling with `from` would bring it back. */
  invert(options: InvertOptions): AsyncGenerator<EditEvent, Planes, undefined>;
  edit(options: EditOptions): AsyncGenerator<EditEvent, EditResult, undefined>;
  editAll(options: EditAllOptions): AsyncGenerator<EditEvent, readonly EditResult[], undefined>;
  /** New pictures from noise, each of an emotion (thesis section 4.3). */
  generate(options: GenerateOptions): AsyncGenerator<EditEvent, readonly GenerateResult[], undefined>;
  /** Pictures between two pictures: both are carried to noise, met half-way on a sphere (eq. 4.12) and sampled back. */
  interpolate(options: InterpolateOptions): AsyncGenerator<EditEvent, readonly InterpolateResult[], undefined>;
}

/**
 * An editor: the picture is encoded, carried to noise by deterministic inversion under the emotion it shows (thesis section 4.4), sampled
 * back under the one wanted with classifier-free guidance, and decoded.
 *
 * Its generators yield after each network step and return the result. @throws `bad-input` for a setting out of range, an unknown emotion
 * or a shape that does not fit; `cancelled` when the signal fires; what the host throws.
 */
export async function createEditor(options: CreateEditorOptions): Promise<Editor> {
  const model = editModel(options);
  const { emotions, unet } = model.config;
  return {
    emotions,
    encode: model.encode,
    decode: model.decode,
    async *invert({ latent, from, signal, ...given }) {
      const settings = editSettings(given, { guidance: model.config.guidance });
      checkPlanes(latent, unet.in_channels, 1, "latent");
      checkEmotion(emotions, from);
      const what = { latent, from, ...(signal ? { signal } : {}) };
      return yield* inverted(model, what, settings, settings.guidance);
    },
    async *edit({ to, ...rest }) {
      return (yield* editPicture(model, { ...rest, to: [to] }))[0]!;
    },
    editAll: (all) => editPicture(model, all),
    generate: (wanted) => generate(model, wanted),
    interpolate: (ends) => interpolate(model, ends),
    [Symbol.asyncDispose]: () => model[Symbol.asyncDispose](),
  };
}
