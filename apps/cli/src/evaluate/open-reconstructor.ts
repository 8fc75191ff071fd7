import { fromPlanar, type Image } from "@prosopon/media";
import { openModel } from "@prosopon/models/node";
import { createReconstructor } from "@prosopon/reenactment";
import type { Host } from "@prosopon/runtime";
import type { Context } from "../context.ts";
import { modelFolders } from "../model-folders.ts";
import { modelNote, planesOf } from "./open-judges.ts";

export interface PictureReconstructor extends AsyncDisposable {
  /** Model and the hash of its weights, for protocol lines. */
  readonly note: string;
  reconstruct(image: Image): Promise<Image>;
}

/** A first stage by its model's name or folder. @throws `not-found`, `bad-input` for a model of another kind. */
export async function openReconstructor(context: Context, host: Host, model: string): Promise<PictureReconstructor> {
  const { manifest, parameters } = await openModel(modelFolders(context), model, { kind: "first-stage" });
  const stage = createReconstructor({ host, firstStage: { config: manifest.config, parameters } });
  return {
    note: modelNote(manifest),
    async reconstruct(image) {
      const { data } = await stage.reconstruct(planesOf(image), { signal: context.signal });
      return fromPlanar(data, image.width, image.height);
    },
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  };
}
