import { createHash, randomUUID } from "node:crypto";
import { copyFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { isProsoponError, ProsoponError } from "@prosopon/errors";
import type { ActivationRanges } from "@prosopon/graph";
import { type Manifest, parseManifest } from "../manifest.ts";
import { rangesText } from "../ranges.ts";
import { placeFile } from "./place-file.ts";
import { readManifest } from "./read-manifest.ts";
import { replaceFolder } from "./replace-folder.ts";

export interface WriteRangesOptions {
  /** The model's own folder. */
  readonly model: string;
  readonly ranges: ActivationRanges;
  /** What the model did while it was measured, one sentence. */
  readonly measured: string;
  /** Where a copy of the model with these ranges is written; default: in the model's own place. */
  readonly folder?: string | undefined;
}

const rangesFile = "ranges.json";

/**
 * Writes a model again with what int8 needs to know of its activations. The folder appears whole or not at all; its other files stay as they are.
 * @throws `bad-input` for a kind that int8 is not for, `output`, and as `readManifest`.
 */
export async function writeRanges(options: WriteRangesOptions): Promise<Manifest> {
  const { model, ranges, measured, folder = dirname(model) } = options;
  const before = await readManifest(model);
  if (before.kind !== "first-stage" && before.kind !== "reenactment")
    throw new ProsoponError("bad-input", `A model of the kind ${before.kind} is not computed in int8.`, {
      values: { name: before.name, kind: before.kind },
      mend: "Reenactment models and first stages are.",
    });
  const text = rangesText(ranges, measured);
  const sha256 = createHash("sha256").update(text).digest("hex");
  const manifest = parseManifest({
    ...before,
    ranges: { name: rangesFile, sha256, bytes: Buffer.byteLength(text) },
  });
  // A copy must not change with its original; in place the original goes.
  const place = resolve(folder) === resolve(dirname(model)) ? placeFile : copyFile;
  const part = join(folder, `.${before.name}.${randomUUID()}.part`);
  try {
    await mkdir(part, { recursive: true });
    for (const name of await readdir(model))
      if (name !== rangesFile && name !== "model.json") await place(join(model, name), join(part, name));
    await writeFile(join(part, rangesFile), text);
    await writeFile(join(part, "model.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
    await replaceFolder(part, join(folder, before.name));
    return manifest;
  } catch (error) {
    await rm(part, { recursive: true, force: true }).catch(() => {});
    if (isProsoponError(error)) throw error;
    throw new ProsoponError("output", `The ranges cannot be written to ${folder}: ${(error as Error).message}.`, {
      values: { folder },
      cause: error,
    });
  }
}
