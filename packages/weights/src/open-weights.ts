import { ProsoponError } from "@prosopon/errors";
import { checkSignal } from "./check-signal.ts";
import { nameFile } from "./name-file.ts";
import { openRandomAccess, type RandomAccessFile } from "./random-access-file.ts";
import { safetensorsHeaderLength } from "./safetensors.ts";
import { parseSafetensorsHeader } from "./safetensors-header.ts";
import { storedTensor } from "./stored-tensor.ts";
import type { ReadOptions, TensorInfo, TensorSource } from "./tensor-source.ts";

/** What is known of a tensor of a safetensors file: always with its place. */
export type WeightInfo = Required<TensorInfo>;

/** An open safetensors file. */
export interface Weights extends TensorSource, AsyncDisposable {
  readonly file: string;
  readonly metadata: Readonly<Record<string, string>>;
  info(name: string): WeightInfo;
  close(): Promise<void>;
}

export type OpenWeightsOptions = ReadOptions;

async function open(file: RandomAccessFile, signal?: AbortSignal): Promise<Weights> {
  const first = new Uint8Array(Math.min(8, file.size));
  await file.fill(first, 0, signal);
  const json = new Uint8Array(safetensorsHeaderLength(first, file.size));
  await file.fill(json, 8, signal);
  const start = 8 + json.length;
  const { entries, metadata } = parseSafetensorsHeader(json, file.size - start);
  const info = (name: string): WeightInfo => {
    const entry = entries.get(name);
    if (entry === undefined)
      throw new ProsoponError("not-found", `${file.path} holds no tensor "${name}".`, {
        values: { file: file.path, name },
      });
    return { ...entry, file: file.path, offset: start + entry.offset };
  };
  return {
    file: file.path,
    names: [...entries.keys()],
    metadata,
    info,
    async read(name, { signal } = {}) {
      const { dtype, shape, offset, length } = info(name);
      checkSignal(signal);
      const bytes = new Uint8Array(length);
      await file.fill(bytes, offset, signal);
      return storedTensor(dtype, shape, bytes);
    },
    close: file.close,
    [Symbol.asyncDispose]: file.close,
  };
}

/**
 * Opens a safetensors file and reads its header only; values are read tensor by tensor, or by others through the byte ranges of `info`.
 * @throws `not-found` without the file, `bad-file` for anything the format does not allow, `cancelled`.
 */
export async function openWeights(file: string, { signal }: OpenWeightsOptions = {}): Promise<Weights> {
  checkSignal(signal);
  const handle = await openRandomAccess(file);
  try {
    return await nameFile(file, () => open(handle, signal));
  } catch (error) {
    await handle.close();
    throw error;
  }
}
