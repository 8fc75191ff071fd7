import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isProsoponError, ProsoponError } from "@prosopon/errors";
import type { Tensor } from "@prosopon/graph";
import { sha256, writeWeights } from "@prosopon/weights/node";
import { declaredParameters } from "../declared-parameters.ts";
import { type Manifest, type ManifestInput, parseManifest } from "../manifest.ts";
import { modelCard } from "../model-card.ts";

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

export interface WriteModelOptions {
  /** All of `model.json` but its files. */
  readonly manifest: DistributiveOmit<ManifestInput, "specification" | "files">;
  /** Every parameter that the kind declares; others are refused. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** Round the weights to float16, half the size. */
  readonly dtype?: "float16";
  /** The README.md instead of the one that `modelCard` writes. */
  readonly card?: string;
  readonly signal?: AbortSignal | undefined;
}

const weightsFile = "model.safetensors";

/** The parameters in the order of their declaration. @throws `bad-input` for a missing, unknown or ill-shaped one. */
function ordered(manifest: Manifest, parameters: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const refuse = (message: string) =>
    new ProsoponError("bad-input", `The ${manifest.kind} model "${manifest.name}" cannot be written: ${message}.`, {
      values: { name: manifest.name },
    });
  const result = new Map<string, Tensor>();
  for (const { name, shape } of declaredParameters(manifest).values()) {
    const found = parameters.get(name);
    if (!found) throw refuse(`${name} is missing`);
    if (`${found.shape}` !== `${shape}`) throw refuse(`${name} has the shape [${found.shape}], not [${shape}]`);
    result.set(name, found);
  }
  for (const name of parameters.keys()) if (!result.has(name)) throw refuse(`${name} belongs to no layer`);
  return result;
}

/**
 * Writes a model as `<folder>/<name>/`: weights, model.json and card. The folder appears whole or not at all, and replaces an older model
 * of that name. @throws `bad-input` for parameters that do not fit, `bad-file` for a manifest that is wrong, `output`, `cancelled`.
 */
export async function writeModel(folder: string, options: WriteModelOptions): Promise<Manifest> {
  const { parameters, dtype, card, signal } = options;
  const fields = { specification: "model/v1", ...options.manifest };
  const draft = parseManifest({ ...fields, files: [{ name: weightsFile, sha256: "0".repeat(64), bytes: 0 }] });
  const tensors = ordered(draft, parameters);
  const part = join(folder, `.${draft.name}.${randomUUID()}.part`);
  try {
    await mkdir(part, { recursive: true });
    const file = join(part, weightsFile);
    await writeWeights(file, tensors, { ...(dtype === undefined ? {} : { dtype }), signal });
    const { size } = await stat(file);
    const manifest = { ...draft, files: [{ name: weightsFile, sha256: await sha256(file, { signal }), bytes: size }] };
    await writeFile(join(part, "model.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
    await writeFile(join(part, "README.md"), card ?? modelCard(manifest));
    await replace(part, join(folder, draft.name));
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

/** A folder with something in it cannot be renamed over, so the older one steps aside first. */
async function replace(part: string, target: string): Promise<void> {
  const aside = `${part}.old`;
  const older = await rename(target, aside).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
  try {
    await rename(part, target);
  } catch (error) {
    if (older) await rename(aside, target);
    throw error;
  }
  if (older) await rm(aside, { recursive: true, force: true });
}
