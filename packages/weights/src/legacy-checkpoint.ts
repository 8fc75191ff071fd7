import { isProsoponError, ProsoponError } from "@prosopon/errors";
import { type CheckpointParts, longestPickle, type StorageBytes } from "./checkpoint-parts.ts";
import { isPickleDict, isPickleList, type PickleValue } from "./pickle-value.ts";
import type { RandomAccessFile } from "./random-access-file.ts";
import { storages as kinds } from "./stored-dtype.ts";
import { type TorchPickle, unpickleTorch } from "./torch-pickle.ts";

const magic = 0x1950a86a20f9469cfc6cn;
const firstWindow = 1 << 20;

const bad = (message: string, values: Record<string, unknown> = {}): ProsoponError =>
  new ProsoponError("bad-file", `Not a complete PyTorch checkpoint: ${message}`, { values });

interface Head {
  readonly pickle: TorchPickle;
  readonly keys: readonly PickleValue[];
  /** First byte of the storages. */
  readonly end: number;
}

/** Five pickles: magic number, protocol, system facts, the object, the keys of the storages that follow. */
function readHead(bytes: Uint8Array): Head {
  const number = unpickleTorch(bytes);
  if (number.value !== magic) throw bad("it is a pickle, but not one of torch.save.");
  const protocol = unpickleTorch(bytes, number.end);
  if (protocol.value !== 1001) throw bad(`its format version is ${String(protocol.value)}, not 1001.`);
  const system = unpickleTorch(bytes, protocol.end);
  if (!isPickleDict(system.value) || system.value.get("little_endian") !== true)
    throw bad("it was not written by a little-endian machine.");
  const pickle = unpickleTorch(bytes, system.end);
  const keys = unpickleTorch(bytes, pickle.end);
  if (!isPickleList(keys.value)) throw bad("it lists no storages.");
  return { pickle, keys: keys.value, end: keys.end };
}

async function growingHead(file: RandomAccessFile, signal?: AbortSignal): Promise<Head> {
  for (let window = firstWindow; ; window *= 8) {
    const bytes = new Uint8Array(Math.min(window, longestPickle, file.size));
    await file.fill(bytes, 0, signal);
    if (bytes[0] !== 0x80)
      throw new ProsoponError("bad-file", "It is neither a ZIP archive nor a pickle, so it is no PyTorch checkpoint.", {
        values: { size: file.size },
        mend:
          bytes[0] === 0x3c ? "It looks like a web page: download it again." : "Check that the download is complete.",
      });
    try {
      return readHead(bytes);
    } catch (error) {
      const ended = isProsoponError(error) && error.values["ended"] === true;
      if (!ended || bytes.length === Math.min(longestPickle, file.size)) throw error;
    }
  }
}

/** The format before PyTorch 1.6: five pickles, then each storage behind its number of elements. */
export async function readLegacyCheckpoint(file: RandomAccessFile, signal?: AbortSignal): Promise<CheckpointParts> {
  const { pickle, keys, end } = await growingHead(file, signal);
  const storages = new Map<string, StorageBytes>();
  const count = new DataView(new ArrayBuffer(8));
  let at = end;
  for (const key of keys) {
    const storage = typeof key === "string" ? pickle.storages.get(key) : undefined;
    if (storage === undefined || storages.has(storage.key))
      throw bad(`the storage "${String(key)}" is unknown or listed twice.`);
    await file.fill(new Uint8Array(count.buffer), at, signal);
    if (count.getBigInt64(0, true) !== BigInt(storage.length))
      throw bad(
        `the storage "${storage.key}" should have ${storage.length} elements and has ${count.getBigInt64(0, true)}.`,
      );
    const position = at + 8;
    const length = storage.length * kinds[storage.dtype].bytes;
    at = position + length;
    if (at > file.size)
      throw bad(`the storage "${storage.key}" ends at byte ${at}, the file at ${file.size}.`, { key: storage.key });
    storages.set(storage.key, { position, content: (s) => file.chunks(position, length, s), checked: false });
  }
  for (const key of pickle.storages.keys())
    if (!storages.has(key)) throw bad(`the storage "${key}" is missing.`, { key });
  return { format: "legacy", pickle, storages, bigEndian: false };
}
