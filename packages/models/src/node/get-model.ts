import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import type { AddressBook, AddressedModel } from "../address-book.ts";
import type { Manifest } from "../manifest.ts";
import { download } from "./download.ts";
import { importModel } from "./import-model.ts";
import { openModelFolder } from "./open-model.ts";
import { placeFile } from "./place-file.ts";
import { replaceFolder } from "./replace-folder.ts";

export interface GetModelOptions {
  readonly name: string;
  readonly addresses: AddressBook;
  /** Where the model's folder is written. */
  readonly folder: string;
  /** Where downloads lie, by their sha256. */
  readonly cache: string;
  /** Use only the cache and `file:` addresses. */
  readonly offline?: boolean | undefined;
  /** `phase` is a file's name, or "importing". */
  readonly onProgress?: ((phase: string, at: { readonly done: number; readonly total: number }) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

function find({ models }: AddressBook, name: string): AddressedModel {
  const found = models.find((one) => one.name === name);
  if (found) return found;
  throw new ProsoponError("not-found", `No address of a model "${name}" is known.`, {
    values: { name, known: models.map((one) => one.name) },
    mend:
      models.length > 0
        ? `Known are ${models.map((one) => one.name).join(", ")}.`
        : "Give a file of addresses with --from; see docs/models.md.",
  });
}

/**
 * Downloads a model, checks every file by its sha256 and installs it: as a folder, or through the import of its checkpoint. A call that
 * broke off goes on where it stopped; a model that is there is only replaced by a whole one.
 * @throws `not-found` for a name that the address book does not know, and as `download`, `importModel` and `openModelFolder`.
 */
export async function getModel(options: GetModelOptions): Promise<readonly Manifest[]> {
  const { name, addresses, folder, cache, offline, onProgress, signal } = options;
  const { form, files, licence } = find(addresses, name);
  const stored = files.map(({ sha256, file }) => join(cache, `${sha256.slice(0, 16)}-${file}`));
  for (const [index, { url, sha256, bytes, file }] of files.entries())
    await download({
      url,
      sha256,
      bytes,
      file: stored[index]!,
      offline,
      onProgress: (at) => onProgress?.(file, at),
      signal,
    });
  if (form === "checkpoint") {
    const imported = await importModel({
      file: stored[0]!,
      folder,
      name,
      licence,
      config: stored[1],
      onProgress: (phase, at) => onProgress?.(phase, at),
      signal,
    });
    return imported.models;
  }
  const part = join(folder, `.${name}.${randomUUID()}.part`);
  const inner = join(part, name);
  try {
    await mkdir(inner, { recursive: true });
    for (const [index, { file }] of files.entries()) await placeFile(stored[index]!, join(inner, file));
    const { manifest } = await openModelFolder(inner, { signal });
    await replaceFolder(inner, join(folder, name));
    return [manifest];
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}
