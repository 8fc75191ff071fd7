import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Tensor } from "@prosopon/graph";
import { regularFile } from "@prosopon/media/node";
import { widen } from "@prosopon/weights";
import { openWeights } from "@prosopon/weights/node";
import { averagedWeights } from "./averaged-weights.ts";

/** As `writeModel` names them. */
const modelWeights = "model.safetensors";

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() === true;

/** Where the notes beside starting weights lie. */
export const startingFolder = async (from: string): Promise<string> => ((await isFolder(from)) ? from : dirname(from));

/** The safetensors file that is meant: the path itself, a model's in its folder, or the averages that the run in a folder ended with. @throws `not-found`. */
export async function startingFile(from: string): Promise<string> {
  const model = join(from, modelWeights);
  const isModel = (await stat(model).catch(() => undefined)) !== undefined;
  const file = isModel ? model : (await isFolder(from)) ? join(from, averagedWeights) : from;
  await regularFile(file);
  return file;
}

/** Tensors of a safetensors file, of a model or the averages of a run in a folder; half precision is widened. */
export async function startingWeights(from: string): Promise<Map<string, Tensor>> {
  await using source = await openWeights(await startingFile(from));
  const tensors = new Map<string, Tensor>();
  for (const name of source.names) {
    const found = await source.read(name);
    tensors.set(name, found.dtype === "float16" ? widen(found) : found);
  }
  return tensors;
}
