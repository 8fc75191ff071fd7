import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import { type Manifest, parseManifest } from "../manifest.ts";

/**
 * The manifest of a model folder.
 * @throws `not-found` without a `model.json`; `bad-file` when it is no JSON, no model/v1, or names another model than its folder.
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const file = join(folder, "model.json");
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new ProsoponError("not-found", `There is no model in ${folder}: model.json is missing.`, {
      values: { folder },
      mend: "List the models that are there with `prosopon models list`.",
      cause,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ProsoponError("bad-file", `${file} is no JSON: ${(cause as Error).message}.`, {
      values: { file },
      mend: "Copy the model's folder again.",
      cause,
    });
  }
  const manifest = parseManifest(value, file);
  const name = basename(resolve(folder));
  if (manifest.name !== name)
    throw new ProsoponError("bad-file", `${file} names the model "${manifest.name}", its folder "${name}".`, {
      values: { file, name: manifest.name, folder: name },
      mend: `Rename the folder to ${manifest.name}.`,
    });
  return manifest;
}
