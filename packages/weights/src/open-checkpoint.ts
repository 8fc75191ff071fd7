import { ProsoponError } from "@prosopon/errors";
import { sizeOf, type Tensor, tensor } from "@prosopon/graph";
import { checkSignal } from "./check-signal.ts";
import type { CheckpointParts } from "./checkpoint-parts.ts";
import { readLegacyCheckpoint } from "./legacy-checkpoint.ts";
import { nameFile } from "./name-file.ts";
import type { PickleValue, TensorReference } from "./pickle-value.ts";
import { openRandomAccess, type RandomAccessFile } from "./random-access-file.ts";
import { optimizerEntries, stateDictOf } from "./state-dict.ts";
import { storages as kinds } from "./stored-dtype.ts";
import { storedTensor } from "./stored-tensor.ts";
import { gather, isDense, spanOf, swapBytes } from "./tensor-reference.ts";
import type { OnProgress, ReadOptions, TensorInfo, TensorSource } from "./tensor-source.ts";
import { readZipCheckpoint } from "./zip-checkpoint.ts";

export interface OpenCheckpointOptions {
  /**
   * Compare every checksum now, which streams the file once (the default); else each storage's when it is first read, and byte ranges
   * from `info` are unchecked.
   */
  readonly verify?: boolean;
  /** Progress of the verification, in bytes. */
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An open PyTorch checkpoint: the tensors of `stateDict`, then those of its optimizers. */
export interface Checkpoint extends TensorSource, AsyncDisposable {
  readonly file: string;
  readonly format: "zip" | "legacy";
  /** The whole object as plain data (epoch, global_step, hyper_parameters, callbacks ...), tensors as references. */
  readonly top: ReadonlyMap<PickleValue, PickleValue>;
  /** The model's tensors alone, without `optimizer.<index>.<parameter index>.<entry>`. */
  readonly stateDict: TensorSource;
  /** A tensor that `top` refers to. */
  readReference(reference: TensorReference, options?: ReadOptions): Promise<Tensor>;
  close(): Promise<void>;
}

const bytesOfReference = ({ shape, storage }: TensorReference): number => sizeOf(shape) * kinds[storage.dtype].bytes;

function infoOf(file: string, parts: CheckpointParts, reference: TensorReference): TensorInfo {
  const { dtype, key } = reference.storage;
  const info = { dtype, shape: reference.shape, length: bytesOfReference(reference) };
  const position = parts.storages.get(key)!.position;
  const plain = position !== undefined && isDense(reference) && !(parts.bigEndian && kinds[dtype].bytes > 1);
  return plain ? { ...info, file, offset: position + reference.offset * kinds[dtype].bytes } : info;
}

/** Fills `target` from byte `from` of a compressed storage on. */
async function extract(content: AsyncIterable<Uint8Array>, from: number, target: Uint8Array): Promise<void> {
  let at = 0;
  for await (const chunk of content) {
    const first = Math.max(from, at);
    const last = Math.min(from + target.length, at + chunk.length);
    if (first < last) target.set(chunk.subarray(first - at, last - at), first - from);
    at += chunk.length;
  }
}

function sourceOf(
  file: RandomAccessFile,
  parts: CheckpointParts,
  entries: ReadonlyMap<string, TensorReference | number>,
  read: Checkpoint["readReference"],
): TensorSource {
  const find = (name: string): TensorReference | number => {
    const entry = entries.get(name);
    if (entry === undefined)
      throw new ProsoponError("not-found", `${file.path} holds no tensor "${name}".`, {
        values: { file: file.path, name },
      });
    return entry;
  };
  return {
    names: [...entries.keys()],
    info(name) {
      const entry = find(name);
      return typeof entry === "number" ? { dtype: "int64", shape: [], length: 8 } : infoOf(file.path, parts, entry);
    },
    async read(name, options) {
      const entry = find(name);
      return typeof entry === "number" ? tensor("int64", [], BigInt64Array.of(BigInt(entry))) : read(entry, options);
    },
  };
}

async function readParts(file: RandomAccessFile, signal?: AbortSignal): Promise<CheckpointParts> {
  const start = new Uint8Array(Math.min(4, file.size));
  await file.fill(start, 0, signal);
  const isZip = new TextDecoder("latin1").decode(start) === "PK\x03\x04";
  return isZip ? readZipCheckpoint(file, signal) : readLegacyCheckpoint(file, signal);
}

async function open(file: RandomAccessFile, options: OpenCheckpointOptions): Promise<Checkpoint> {
  const { verify = true, onProgress, signal } = options;
  const parts = await readParts(file, signal);
  const { top, tensors } = stateDictOf(parts.pickle.value);
  const verified = new Set<string>();
  const ensure = async (key: string, signal?: AbortSignal, onBytes?: (bytes: number) => void): Promise<void> => {
    const storage = parts.storages.get(key)!;
    if (!verified.has(key) && storage.checked)
      for await (const chunk of storage.content(signal)) onBytes?.(chunk.length);
    verified.add(key);
  };
  const readReference: Checkpoint["readReference"] = async (reference, { signal } = {}) => {
    checkSignal(signal);
    const { key, dtype } = reference.storage;
    if (parts.pickle.storages.get(key) !== reference.storage)
      throw new ProsoponError("bad-input", `The reference to storage "${key}" is not one of ${file.path}.`, {
        values: { key },
      });
    const storage = parts.storages.get(key)!;
    const width = kinds[dtype].bytes;
    return nameFile(file.path, async () => {
      await ensure(key, signal);
      const span = new Uint8Array(spanOf(reference) * width);
      const from = reference.offset * width;
      if (storage.position !== undefined) await file.fill(span, storage.position + from, signal);
      else await extract(storage.content(signal), from, span);
      const dense = isDense(reference) ? span : gather(reference, span);
      return storedTensor(dtype, reference.shape, parts.bigEndian ? swapBytes(dense, width) : dense);
    });
  };
  if (verify) {
    const all = [...parts.pickle.storages.values()].filter(({ key }) => parts.storages.get(key)!.checked);
    const total = all.reduce((sum, { length, dtype }) => sum + length * kinds[dtype].bytes, 0);
    let done = 0;
    const report = (bytes: number): void => {
      done += bytes;
      onProgress?.({ done, total });
    };
    for (const { key } of all) await ensure(key, signal, report);
  }
  // A state_dict key wins over an optimizer entry of the same name.
  const source = sourceOf(
    file,
    parts,
    new Map([...tensors, ...[...optimizerEntries(top)].filter(([name]) => !tensors.has(name))]),
    readReference,
  );
  return {
    ...source,
    file: file.path,
    format: parts.format,
    top,
    stateDict: sourceOf(file, parts, tensors, readReference),
    readReference,
    close: file.close,
    [Symbol.asyncDispose]: file.close,
  };
}

/**
 * Opens a PyTorch checkpoint (`.ckpt`, `.pt`, `.pth`), ZIP or legacy. Nothing in it is executed; tensors are read one at a time, so a file
 * may be larger than memory. Names: those of the state_dict in file order, then `optimizer.<index>.<parameter index>.<entry>`.
 * @throws `not-found` without the file; `bad-file` if it is damaged, names code, has no state_dict, or asks for more than it holds;
 * `cancelled`.
 */
export async function openCheckpoint(file: string, options: OpenCheckpointOptions = {}): Promise<Checkpoint> {
  checkSignal(options.signal);
  const handle = await openRandomAccess(file);
  try {
    return await nameFile(file, () => open(handle, options));
  } catch (error) {
    await handle.close();
    throw error;
  }
}
