import { randomUUID } from "node:crypto";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isProsoponError, ProsoponError } from "@prosopon/errors";
import type { DType, Tensor } from "@prosopon/graph";
import type { OnProgress } from "@prosopon/weights";
import { type PlannedWeights, sha256, writeWeights } from "@prosopon/weights/node";
import { declaredParameters } from "../declared-parameters.ts";
import { type Manifest, type ManifestInput, parseManifest } from "../manifest.ts";
import { modelCard } from "../model-card.ts";
import { replaceFolder } from "./replace-folder.ts";

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Parameters that are read one at a time, so that a model may be larger than memory. */
export interface ParameterStream {
  readonly names: readonly string[];
  info(name: string): { readonly dtype: DType; readonly shape: readonly number[] };
  read(name: string): Promise<Tensor>;
}

export interface WriteModelOptions {
  /** All of `model.json` but its files; ranges are added afterwards (`writeRanges`). */
  readonly manifest: DistributiveOmit<ManifestInput, "specification" | "files" | "ranges">;
  /** Every parameter that the kind declares; others are refused. */
  readonly parameters: ReadonlyMap<string, Tensor> | ParameterStream;
  /** Round the weights to float16, half the size. */
  readonly dtype?: "float16";
  /** The README.md instead of the one that `modelCard` writes. */
  readonly card?: string;
  /** Values written so far, in elements. */
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
}

const weightsFile = "model.safetensors";

const streamOf = (parameters: WriteModelOptions["parameters"]): ParameterStream =>
  "info" in parameters
    ? parameters
    : {
        names: [...parameters.keys()],
        info: (name) => parameters.get(name)!,
        read: async (name) => parameters.get(name)!,
      };

/** The parameters in the order of their declaration. @throws `bad-input` for a missing, unknown or ill-shaped one. */
function ordered(manifest: Manifest, { names, info, read }: ParameterStream): PlannedWeights {
  const refuse = (message: string) =>
    new ProsoponError("bad-input", `The ${manifest.kind} model "${manifest.name}" cannot be written: ${message}.`, {
      values: { name: manifest.name },
    });
  const given = new Set(names);
  const rows: PlannedWeights["rows"][number][] = [];
  for (const { name, shape } of declaredParameters(manifest).values()) {
    if (!given.delete(name)) throw refuse(`${name} is missing`);
    const found = info(name);
    if (`${found.shape}` !== `${shape}`) throw refuse(`${name} has the shape [${found.shape}], not [${shape}]`);
    rows.push([name, found.dtype, shape]);
  }
  for (const name of given) throw refuse(`${name} belongs to no layer`);
  return { rows, read };
}

/**
 * Writes a model as `<folder>/<name>/`: weights, model.json and card. The folder appears whole or not at all, and replaces an older model
 * of that name. @throws `bad-input` for parameters that do not fit, `bad-file` for a manifest that is wrong, `output`, `cancelled`.
 */
export async function writeModel(folder: string, options: WriteModelOptions): Promise<Manifest> {
  const { parameters, dtype, card, onProgress, signal } = options;
  // Ranges are those of other weights.
  const { ranges: _, ...described } = options.manifest as typeof options.manifest & { readonly ranges?: unknown };
  const fields = { specification: "model/v1", ...described };
  const draft = parseManifest({ ...fields, files: [{ name: weightsFile, sha256: "0".repeat(64), bytes: 0 }] });
  const tensors = ordered(draft, streamOf(parameters));
  const part = join(folder, `.${draft.name}.${randomUUID()}.part`);
  try {
    await mkdir(part, { recursive: true });
    const file = join(part, weightsFile);
    await writeWeights(file, tensors, { ...(dtype === undefined ? {} : { dtype }), onProgress, signal });
    const { size } = await stat(file);
    const manifest = { ...draft, files: [{ name: weightsFile, sha256: await sha256(file, { signal }), bytes: size }] };
    await writeFile(join(part, "model.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
    await writeFile(join(part, "README.md"), card ?? modelCard(manifest));
    await replaceFolder(part, join(folder, draft.name));
    return manifest;
  } catch (error) {
    await rm(part, { recursive: true, force: true }).catch(() => {});
    if (isProsoponError(error)) throw error;
    throw new ProsoponError("output", `The model cannot be written to ${folder}: ${(error as Error).message}.`, {
      values: { folder },
      cause: error,
    });
  }
}
