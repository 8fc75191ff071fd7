import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { isProsoponError, ProsoponError } from "@prosopon/errors";
import { type DType, sizeOf, type Tensor } from "@prosopon/graph";
import { checkSignal } from "./check-signal.ts";
import { narrow } from "./float16.ts";
import { openRandomAccess } from "./random-access-file.ts";
import { formatSafetensorsHeader, type SafetensorsRow } from "./safetensors-header.ts";
import { bytesOf } from "./stored-tensor.ts";
import type { OnProgress } from "./tensor-source.ts";

export type WeightEntry = readonly [name: string, value: Tensor];

/** Tensors whose types and shapes are known before their values are read, so that the file is written once, from front to back. */
export interface PlannedWeights {
  readonly rows: readonly (readonly [name: string, dtype: DType, shape: readonly number[]])[];
  /** Must give what the row says. */
  read(name: string): Promise<Tensor>;
}

export interface WriteWeightsOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  /** Round float32 tensors to float16; others are written as they are. */
  readonly dtype?: "float16";
  /** Values written so far, in elements; only for planned weights and maps. */
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** float16 ends at 65504: a finite value must not become infinite unseen. */
function narrowFinite(name: string, wide: Tensor): Tensor {
  const half = narrow(wide);
  for (let i = 0; i < half.data.length; i++)
    if ((half.data[i]! & 0x7fff) === 0x7c00 && Number.isFinite(wide.data[i]))
      throw new ProsoponError("bad-input", `"${name}" holds ${wide.data[i]}, which float16 cannot.`, {
        values: { name, index: i, value: wide.data[i] },
        mend: "Write it as float32.",
      });
  return half;
}

function prepare(name: string, value: Tensor, dtype: WriteWeightsOptions["dtype"]): Tensor {
  if (value.data.length !== sizeOf(value.shape))
    throw new ProsoponError("bad-input", `"${name}" of shape [${value.shape}] has ${value.data.length} elements.`, {
      values: { name },
    });
  return dtype === "float16" && value.dtype === "float32" ? narrowFinite(name, value) : value;
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  const piece = 64 << 20;
  for (let done = 0; done < bytes.length; ) {
    checkSignal(signal);
    done += (await handle.write(bytes, done, Math.min(piece, bytes.length - done))).bytesWritten;
  }
}

type Source = ReadonlyMap<string, Tensor> | PlannedWeights | Iterable<WeightEntry> | AsyncIterable<WeightEntry>;

/** A map or a plan shows its header at once. */
function planOf(entries: Source): PlannedWeights | undefined {
  if ("rows" in entries) return entries;
  if (!(entries instanceof Map)) return undefined;
  const map = entries as ReadonlyMap<string, Tensor>;
  return {
    rows: Array.from(map, ([name, { dtype, shape }]) => [name, dtype, shape] as const),
    read: async (name) => map.get(name)!,
  };
}

async function writePlan(output: FileHandle, plan: PlannedWeights, options: WriteWeightsOptions): Promise<void> {
  const { metadata = {}, dtype, onProgress, signal } = options;
  const rows = plan.rows.map(
    ([name, own, shape]): SafetensorsRow => [name, dtype === "float16" && own === "float32" ? "float16" : own, shape],
  );
  await writeAll(output, formatSafetensorsHeader(rows, metadata), signal);
  const total = rows.reduce((sum, [, , shape]) => sum + sizeOf(shape), 0);
  let done = 0;
  for (const [name, own, shape] of plan.rows) {
    checkSignal(signal);
    const value = prepare(name, await plan.read(name), dtype);
    if (`${value.shape}` !== `${shape}` || (dtype === undefined && value.dtype !== own))
      throw new ProsoponError("bad-input", `"${name}" is ${value.dtype} [${value.shape}], not ${own} [${shape}].`, {
        values: { name },
      });
    await writeAll(output, bytesOf(value), signal);
    done += sizeOf(shape);
    onProgress?.({ done, total });
  }
}

/** Entries that are neither a map nor a plan are seen once, so their values wait in a file of their own. */
async function writeBody(path: string, entries: Source, options: WriteWeightsOptions): Promise<void> {
  const { metadata = {}, dtype, signal } = options;
  const rows: SafetensorsRow[] = [];
  const plan = planOf(entries);
  const spool = plan ? undefined : `${path}.values`;
  const output = await open(path, "wx");
  try {
    if (plan) await writePlan(output, plan, options);
    else if (spool !== undefined) {
      const values = await open(spool, "wx");
      try {
        for await (const [name, value] of entries as Iterable<WeightEntry> | AsyncIterable<WeightEntry>) {
          const ready = prepare(name, value, dtype);
          rows.push([name, ready.dtype, ready.shape]);
          await writeAll(values, bytesOf(ready), signal);
        }
      } finally {
        await values.close();
      }
      await writeAll(output, formatSafetensorsHeader(rows, metadata), signal);
      const copy = await openRandomAccess(spool);
      try {
        for await (const chunk of copy.chunks(0, copy.size, signal)) await writeAll(output, chunk, signal);
      } finally {
        await copy.close();
      }
    }
    await output.sync();
  } finally {
    await output.close();
    if (spool !== undefined) await rm(spool, { force: true });
  }
}

/** Makes the new name durable; not every file system lets a folder be synchronised. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/**
 * Writes a safetensors file, tensors in the order given, one in memory at a time. It appears under its name only when it is complete and
 * on disk; until then, or on failure, whatever stood there stays. The same entries and options give the same bytes.
 * @throws `output` when it cannot be written, `bad-input` for names given twice or values that float16 cannot hold, `cancelled`.
 */
export async function writeWeights(file: string, entries: Source, options: WriteWeightsOptions = {}): Promise<void> {
  checkSignal(options.signal);
  const part = `${file}.${randomUUID()}.part`;
  try {
    await writeBody(part, entries, options);
    await rename(part, file);
    await syncFolder(dirname(file));
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    if (isProsoponError(error)) throw error;
    throw new ProsoponError("output", `Cannot write ${file}: ${(error as Error).message}.`, {
      values: { file },
      cause: error,
    });
  }
}
