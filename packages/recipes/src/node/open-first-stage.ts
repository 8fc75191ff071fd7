import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import type { Tensor } from "@prosopon/graph";
import { openModelFolder } from "@prosopon/models/node";
import type { VqganConfig } from "@prosopon/vqgan";
import { portraitFirstStage } from "./portrait-first-stage.ts";
import type { RecipeOptions, RecipeSetting } from "./recipe.ts";
import { startingWeights } from "./starting-weights.ts";

export const firstStageSetting: RecipeSetting = {
  default: "",
  description: "a first stage: a model's folder, its run's folder or a safetensors file",
};

/** The setting of a recipe that cannot do without. @throws `bad-input` where it is not given. */
export function firstStageGiven(recipe: string, { "first-stage": from }: RecipeOptions["settings"]): string {
  if (from) return from;
  throw new ProsoponError("bad-input", `The recipe ${recipe} needs a first stage.`, {
    mend: "Give --set first-stage=FOLDER.",
  });
}

export interface FirstStage {
  readonly config: VqganConfig;
  readonly weights: ReadonlyMap<string, Tensor>;
  /** Sixteen digits that tell its latents from others': of the encoder alone. */
  readonly hash: string;
}

/** A first stage to learn on: a model's folder, or the run's folder or the weights of the default architecture. @throws `not-found`, `bad-file`, `bad-input`. */
export async function openFirstStage(from: string): Promise<FirstStage> {
  const model = await stat(join(from, "model.json")).catch(() => undefined);
  const weights = new Map<string, Tensor>();
  let config = portraitFirstStage;
  if (model) {
    const opened = await openModelFolder(from, { kind: "first-stage" });
    config = opened.manifest.config;
    for (const name of opened.weights.names) weights.set(name, await opened.weights.read(name));
  } else for (const [name, value] of await startingWeights(from)) weights.set(name, value);
  if (!weights.has("encoder.conv_in.weight"))
    throw new ProsoponError("bad-file", `${from} is no first stage.`, {
      values: { from },
      mend: "Give the folder of a first-stage model, or of a finished run of the recipe first-stage.",
    });
  const hash = createHash("sha256");
  for (const name of [...weights.keys()].toSorted()) {
    if (!/^(encoder|quant_conv)\./.test(name)) continue;
    const { data } = weights.get(name)!;
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return { config, weights, hash: hash.digest("hex").slice(0, 16) };
}
