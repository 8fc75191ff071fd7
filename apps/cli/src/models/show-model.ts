import { resolve } from "node:path";
import { modelCard } from "@prosopon/models";
import { openModel, openModelFolder } from "@prosopon/models/node";
import type { Context } from "../context.ts";
import { modelFolders } from "../model-folders.ts";
import type { Reporter } from "../reporter.ts";

/** `prosopon models info`: hashes and shapes are checked first. */
export async function showModel(context: Context, reporter: Reporter, name: string): Promise<void> {
  const { signal } = context;
  const model = /[\\/]/.test(name)
    ? await openModelFolder(resolve(name), { signal })
    : await openModel(modelFolders(context), name, { signal });
  const { manifest, folder, parameters } = model;
  const values = Object.values(parameters).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  reporter.result(
    { command: "models info", folder, checked: true, tensors: Object.keys(parameters).length, values, manifest },
    `${modelCard(manifest)}\nIn ${folder}: ${values} values in ${Object.keys(parameters).length} tensors; hashes and shapes are right.`,
  );
}
