import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isProsoponError } from "@prosopon/errors";
import type { Tensor } from "@prosopon/graph";
import { openCheckpoint } from "./open-checkpoint.ts";
import { decodeSafetensors } from "./safetensors.ts";
import { bytesOf } from "./stored-tensor.ts";

/** One file of a folder of checkpoints with `cases.json` and `expected.safetensors`. */
export interface CheckpointCase {
  readonly file: string;
  readonly expect: "load" | "refuse" | "load-or-refuse" | "refuse-or-warn";
  readonly note: string;
  readonly tensors: readonly string[];
}

export interface CheckpointFixtures {
  readonly folder: string;
  readonly cases: readonly CheckpointCase[];
  readonly expected: ReadonlyMap<string, Tensor>;
}

export const checkpointFixtures = (folder: string): CheckpointFixtures => ({
  folder,
  cases: JSON.parse(readFileSync(join(folder, "cases.json"), "utf8")),
  expected: decodeSafetensors(readFileSync(join(folder, "expected.safetensors"))).tensors,
});

/** Empty when two tensors agree in type, shape and every bit. */
export function difference(found: Tensor, expected: Tensor | undefined): string {
  if (expected === undefined) return "not expected";
  if (found.dtype !== expected.dtype) return `${found.dtype} instead of ${expected.dtype}`;
  if (found.shape.join() !== expected.shape.join()) return `[${found.shape}] instead of [${expected.shape}]`;
  return Buffer.compare(bytesOf(found), bytesOf(expected)) === 0 ? "" : "other values";
}

/** What became of a case: `loaded`, `refused` (with a `bad-file`), or a line that says what is wrong. */
export async function outcomeOf(
  { folder, expected }: CheckpointFixtures,
  { file, tensors }: CheckpointCase,
): Promise<string> {
  try {
    await using checkpoint = await openCheckpoint(join(folder, file));
    if (tensors.length > 0 && [...checkpoint.stateDict.names].sort().join() !== [...tensors].sort().join())
      return `names: ${checkpoint.stateDict.names}`;
    for (const name of checkpoint.stateDict.names) {
      const found = await checkpoint.read(name);
      if (tensors.length === 0) continue; // may load or not; its values are not recorded
      const problem = difference(found, expected.get(`${file}/${name}`));
      if (problem !== "") return `${name}: ${problem}`;
      const { file: from, offset, length } = checkpoint.info(name);
      if (from === undefined || offset === undefined || checkpoint.info(name).dtype === "bfloat16") continue;
      const plain = readFileSync(from).subarray(offset, offset + length);
      if (Buffer.compare(plain, bytesOf(found)) !== 0) return `${name}: its byte range holds other values`;
    }
    return "loaded";
  } catch (error) {
    return isProsoponError(error) && error.code === "bad-file" ? "refused" : `crashed: ${error}`;
  }
}

/** The outcomes that satisfy an expectation. */
export const allowed: Readonly<Record<CheckpointCase["expect"], readonly string[]>> = {
  load: ["loaded"],
  refuse: ["refused"],
  "load-or-refuse": ["loaded", "refused"],
  "refuse-or-warn": ["refused"],
};
