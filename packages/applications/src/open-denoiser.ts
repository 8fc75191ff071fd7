import { dirname, resolve } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import type { ManifestOf } from "@prosopon/models";
import { listModels, type Model, openModel, openModelFolder } from "@prosopon/models/node";

/** Kinds of models that need a first stage beside them. */
export type DenoiserKind = "reenactment" | "talking-face";

export interface OpenDenoiserOptions<Kind extends DenoiserKind> {
  readonly kind: Kind;
  readonly folders: readonly string[];
  /** A name, or the path of a folder; default: the first model of the kind. */
  readonly model?: string | undefined;
  readonly signal: AbortSignal;
}

export interface OpenedDenoiser<Kind extends DenoiserKind> {
  readonly denoiser: Model<Kind>;
  readonly firstStage: Model<"first-stage">;
  /** Where models that go with it are looked for: around it, then in `folders`. */
  readonly around: readonly string[];
}

const isPath = (model: string): boolean => /[\\/]/.test(model) || model === "." || model === "..";

async function firstOf<Kind extends DenoiserKind>(
  kind: Kind,
  folders: readonly string[],
  signal: AbortSignal,
): Promise<Model<Kind>> {
  const found = (await listModels(folders)).find((one) => one.manifest?.kind === kind);
  if (found) return openModelFolder(found.folder, { kind, signal });
  throw new ProsoponError("not-found", `There is no ${kind} model in ${folders.join(", ")}.`, {
    values: { folders },
    mend: "Train one (prosopon train --help), or give --model with the path of a model's folder.",
  });
}

/** A denoiser with the first stage whose latents it works on. @throws `not-found`, `bad-file`. */
export async function openDenoiser<Kind extends DenoiserKind>({
  kind,
  folders,
  model,
  signal,
}: OpenDenoiserOptions<Kind>): Promise<OpenedDenoiser<Kind>> {
  const denoiser =
    model === undefined
      ? await firstOf(kind, folders, signal)
      : isPath(model)
        ? await openModelFolder(resolve(model), { kind, signal })
        : await openModel(folders, model, { kind, signal });
  const around = [dirname(denoiser.folder), ...folders];
  const { firstStage: name } = (denoiser.manifest as ManifestOf<DenoiserKind>).config;
  return { denoiser, firstStage: await openModel(around, name, { kind: "first-stage", signal }), around };
}
