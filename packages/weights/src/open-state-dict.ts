import { ProsoponError } from "@prosopon/errors";
import { type Checkpoint, type OpenCheckpointOptions, openCheckpoint } from "./open-checkpoint.ts";
import { openWeights } from "./open-weights.ts";
import { openRandomAccess } from "./random-access-file.ts";
import { longestHeader } from "./safetensors-header.ts";
import type { TensorSource } from "./tensor-source.ts";

/** The named tensors of a file of either format. */
export interface StateDict extends TensorSource, AsyncDisposable {
  readonly file: string;
  readonly format: "safetensors" | "zip" | "legacy";
  /** The checkpoint behind it, with its optimizers and counters; absent for safetensors. */
  readonly checkpoint?: Checkpoint;
  /** Of a safetensors file. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A safetensors file begins with the length of its header, 8 bytes, and an opening brace. */
async function isSafetensors(file: string): Promise<boolean> {
  const source = await openRandomAccess(file);
  try {
    if (source.size < 9) return false;
    const start = new Uint8Array(9);
    await source.fill(start, 0);
    const length = new DataView(start.buffer).getBigUint64(0, true);
    return start[8] === 0x7b && length >= 2n && length <= BigInt(longestHeader);
  } finally {
    await source.close();
  }
}

/**
 * Opens the state_dict of a safetensors file or of a PyTorch checkpoint, whatever its name ends in. Nothing in it is executed.
 * @throws `not-found` without the file, `bad-file` with the reason, `cancelled`.
 */
export async function openStateDict(file: string, options: OpenCheckpointOptions = {}): Promise<StateDict> {
  if (await isSafetensors(file)) {
    const weights = await openWeights(file, { signal: options.signal });
    if (weights.names.length === 0) {
      await weights.close();
      throw new ProsoponError("bad-file", `${file} holds no tensors.`, { values: { file } });
    }
    const { names, info, read, metadata } = weights;
    return { file, format: "safetensors", names, info, read, metadata, [Symbol.asyncDispose]: weights.close };
  }
  const checkpoint = await openCheckpoint(file, options);
  const { names, info, read } = checkpoint.stateDict;
  return {
    file,
    format: checkpoint.format,
    names,
    info,
    read,
    metadata: {},
    checkpoint,
    [Symbol.asyncDispose]: checkpoint.close,
  };
}
