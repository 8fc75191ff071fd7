import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import type { Tensor } from "@prosopon/graph";
import type { Seed } from "@prosopon/random";
import { openWeights, writeWeights } from "@prosopon/weights/node";
import type { Counters } from "../step-program.ts";
import type { TrainingState } from "../training-state.ts";

/** A training state in a file, with the seed of its run and what the run wants to know of itself. */
export interface Checkpoint {
  readonly state: TrainingState;
  readonly seed: Seed;
  readonly metadata: Readonly<Record<string, string>>;
}

const format = "prosopon.training/v1";
const key = "prosopon.training";

/**
 * Writes a checkpoint as one safetensors file: tensors by their names in the state, numbers as JSON in the metadata. It appears under its
 * name only when it is complete. @throws `output` when it cannot be written.
 */
export async function saveCheckpoint(file: string, { state, seed, metadata }: Checkpoint): Promise<void> {
  const { step, optimizerSteps, averageUpdates, tensors } = state;
  const numbers = JSON.stringify({ format, step, optimizerSteps, averageUpdates, seed: `${seed}` });
  await writeWeights(file, tensors, { metadata: { ...metadata, [key]: numbers } });
}

/** @throws `not-found` without the file; `bad-file` when it is no checkpoint of training. */
export async function loadCheckpoint(file: string): Promise<Checkpoint> {
  await using source = await openWeights(file);
  const { [key]: text, ...metadata } = source.metadata;
  const { seed, ...counters } = numbersOf(file, text);
  const tensors = new Map<string, Tensor>();
  for (const name of source.names) tensors.set(name, await source.read(name));
  return { state: { ...counters, tensors }, seed, metadata };
}

function numbersOf(file: string, text: string | undefined): Counters & { readonly seed: Seed } {
  const count = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  try {
    const found = JSON.parse(text ?? "null") as Record<string, unknown> | null;
    const { step, optimizerSteps, averageUpdates, seed } = found ?? {};
    const steps = Object.entries((optimizerSteps ?? {}) as Record<string, unknown>);
    if (found?.["format"] === format && count(step) && count(averageUpdates) && steps.every(([, n]) => count(n))) {
      const whole = BigInt(seed as string);
      const small = Number(whole);
      return {
        step,
        averageUpdates,
        optimizerSteps: Object.fromEntries(steps as [string, number][]),
        seed: Number.isSafeInteger(small) ? small : whole,
      };
    }
  } catch {
    // Falls through: what is not JSON, or has no whole number as seed, is no checkpoint either.
  }
  throw new ProsoponError("bad-file", `${file} is no checkpoint of training (${format}).`, { values: { file } });
}

export interface CheckpointFolderOptions {
  /** Made when it is absent. */
  readonly folder: string;
  /** How many of the newest checkpoints stay; default 2. */
  readonly keep?: number;
}

export interface CheckpointFolder {
  /** Writes `step-<number>.safetensors` and removes what is too old; gives the file. */
  save(checkpoint: Checkpoint): Promise<string>;
  /** The newest checkpoint; undefined when there is none. @throws `bad-file` when it cannot be read. */
  latest(): Promise<(Checkpoint & { readonly file: string }) | undefined>;
}

/** The checkpoints of one run. */
export function checkpointFolder({ folder, keep = 2 }: CheckpointFolderOptions): CheckpointFolder {
  if (!Number.isInteger(keep) || keep < 1)
    throw new ProsoponError("bad-input", `${keep} checkpoints cannot be kept.`, { values: { keep } });
  const list = async (): Promise<readonly string[]> => {
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
    return names
      .filter((name) => /^step-\d{8,}\.safetensors$/.test(name))
      .sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  };
  return {
    async save(checkpoint) {
      await mkdir(folder, { recursive: true });
      const file = join(folder, `step-${`${checkpoint.state.step}`.padStart(8, "0")}.safetensors`);
      await saveCheckpoint(file, checkpoint);
      for (const old of (await list()).slice(0, -keep)) await rm(join(folder, old), { force: true });
      return file;
    },
    async latest() {
      const newest = (await list()).at(-1);
      if (newest === undefined) return undefined;
      const file = join(folder, newest);
      return { ...(await loadCheckpoint(file)), file };
    },
  };
}
