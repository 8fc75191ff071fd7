import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Tensor } from "@prosopon/graph";
import { widen } from "@prosopon/weights";
import { openWeights } from "@prosopon/weights/node";
import { averagedWeights } from "./averaged-weights.ts";

/** Tensors of a safetensors file, or the averages that the run in a folder ended with; half precision is widened. */
export async function startingWeights(from: string): Promise<Map<string, Tensor>> {
  const folder = await stat(from).then(
    (found) => found.isDirectory(),
    () => false,
  );
  await using source = await openWeights(folder ? join(from, averagedWeights) : from);
  const tensors = new Map<string, Tensor>();
  for (const name of source.names) {
    const found = await source.read(name);
    tensors.set(name, found.dtype === "float16" ? widen(found) : found);
  }
  return tensors;
}
