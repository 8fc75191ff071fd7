import type { TorchPickle } from "./torch-pickle.ts";

/** The bytes of one storage of a checkpoint file. */
export interface StorageBytes {
  /** Where they lie plainly in the file; absent if compressed. */
  readonly position?: number;
  /** All of them in pieces; checks them at the end where the format has a checksum. */
  content(signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** True when `content` compares a checksum. */
  readonly checked: boolean;
}

/** A checkpoint file taken apart: what `torch.save` wrote, whichever of its two formats it used. */
export interface CheckpointParts {
  readonly format: "zip" | "legacy";
  readonly pickle: TorchPickle;
  /** By storage key; present for every storage that the pickle mentions, with exactly as many bytes. */
  readonly storages: ReadonlyMap<string, StorageBytes>;
  readonly bigEndian: boolean;
}

/** Most bytes of pickle that are read: that of a model with 100 000 tensors takes about 20 MB. */
export const longestPickle = 64 << 20;
