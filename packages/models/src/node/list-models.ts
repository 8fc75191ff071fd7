import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isProsoponError, type ProsoponError } from "@prosopon/errors";
import type { Manifest } from "../manifest.ts";
import { readManifest } from "./read-manifest.ts";

/** A model folder: what its manifest says, or why it cannot be read. */
export type ListedModel = { readonly name: string; readonly folder: string } & (
  | { readonly manifest: Manifest; readonly error?: undefined }
  | { readonly manifest?: undefined; readonly error: ProsoponError }
);

/**
 * The models in several folders, by order of the folders and then by name. A name that an earlier folder has hides the later one;
 * a folder that does not exist holds none. Only manifests are read, no weights.
 */
export async function listModels(folders: readonly string[]): Promise<readonly ListedModel[]> {
  const found = new Map<string, ListedModel>();
  for (const parent of folders) {
    const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const { name } = entry;
      const isFolder = entry.isDirectory() || entry.isSymbolicLink();
      if (!isFolder || name.startsWith(".") || name === "node_modules" || found.has(name)) continue;
      const folder = join(parent, name);
      const files: readonly string[] = await readdir(folder).catch(() => []);
      if (!files.includes("model.json")) continue;
      found.set(name, await listed(name, folder));
    }
  }
  return [...found.values()];
}

async function listed(name: string, folder: string): Promise<ListedModel> {
  try {
    return { name, folder, manifest: await readManifest(folder) };
  } catch (error) {
    if (isProsoponError(error)) return { name, folder, error };
    throw error;
  }
}
