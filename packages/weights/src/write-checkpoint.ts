import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { isProsoponError, ProsoponError } from "@prosopon/errors";
import { type DType, sizeOf } from "@prosopon/graph";
import { checkSignal } from "./check-signal.ts";
import { crc32 } from "./crc32.ts";
import { type PickleWriter, pickleWriter } from "./pickle-writer.ts";
import { storages } from "./stored-dtype.ts";
import { bytesOf } from "./stored-tensor.ts";
import type { OnProgress } from "./tensor-source.ts";
import type { PlannedWeights } from "./write-weights.ts";

export interface WriteCheckpointOptions {
  /** Whole numbers beside the state_dict, such as `epoch` and `global_step`. */
  readonly counters?: Readonly<Record<string, number>>;
  /** Values written so far, in elements. */
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Beyond it ZIP needs its 64-bit form, which is not written here. */
const largest = 0xffff_0000;

/** `OrderedDict` of tensors, each with a storage of its own named by its place. */
function putStateDict(p: PickleWriter, rows: PlannedWeights["rows"]): void {
  p.global("collections", "OrderedDict").emptyTuple().reduce().mark();
  for (const [index, [name, dtype, shape]] of rows.entries()) {
    p.string(name).global("torch._utils", "_rebuild_tensor_v2").mark();
    p.mark().string("storage").global("torch", storages[dtype].torch).string(`${index}`).string("cpu");
    p.integer(sizeOf(shape)).tuple().persistent();
    p.integer(0).integers(shape);
    p.integers(shape.map((_, axis) => sizeOf(shape.slice(axis + 1))));
    p.boolean(false).global("collections", "OrderedDict").emptyTuple().reduce().tuple().reduce();
  }
  p.setItems();
}

/** The object that `torch.load` gives: `{"state_dict": OrderedDict(...), ...counters}`. */
function pickleOf(rows: PlannedWeights["rows"], counters: Readonly<Record<string, number>>): Uint8Array {
  const p = pickleWriter();
  p.emptyDict().mark();
  for (const [name, value] of Object.entries(counters)) p.string(name).integer(value);
  p.string("state_dict");
  putStateDict(p, rows);
  return p.setItems().end();
}

interface Member {
  readonly name: Uint8Array;
  readonly crc: number;
  readonly size: number;
  readonly offset: number;
}

const little = (...fields: readonly (readonly [bytes: 2 | 4, value: number])[]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [bytes]) => sum + bytes, 0)));
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += bytes;
  }
  return new Uint8Array(view.buffer);
};

/** An archive of stored (not compressed) members, as `torch.save` makes it. */
function zipWriter(handle: FileHandle) {
  const members: Member[] = [];
  let position = 0;
  const put = async (bytes: Uint8Array): Promise<void> => {
    for (let done = 0; done < bytes.length; ) done += (await handle.write(bytes, done)).bytesWritten;
    position += bytes.length;
  };
  const head = (crc: number, size: number, name: Uint8Array) =>
    [
      [2, 0],
      [2, 0],
      [4, 0],
      [4, crc],
      [4, size],
      [4, size],
      [2, name.length],
    ] as const;
  return {
    async add(path: string, bytes: Uint8Array): Promise<void> {
      const name = new TextEncoder().encode(path);
      const crc = crc32(bytes);
      const offset = position;
      // PyTorch aligns every member at 64 bytes; the padding is an extra field of its own.
      const start = position + 30 + name.length + 4;
      const padding = (64 - (start % 64)) % 64;
      await put(little([4, 0x04034b50], [2, 20], ...head(crc, bytes.length, name), [2, 4 + padding]));
      await put(name);
      await put(little([2, 0x4246], [2, padding]));
      await put(new Uint8Array(padding));
      await put(bytes);
      members.push({ name, crc, size: bytes.length, offset });
    },
    async end(): Promise<void> {
      const start = position;
      for (const { name, crc, size, offset } of members) {
        const rest = [
          [2, 0],
          [2, 0],
          [2, 0],
          [2, 0],
          [4, 0],
          [4, offset],
        ] as const;
        await put(little([4, 0x02014b50], [2, 20], [2, 20], ...head(crc, size, name), ...rest));
        await put(name);
      }
      const { length } = members;
      const size = position - start;
      await put(little([4, 0x06054b50], [2, 0], [2, 0], [2, length], [2, length], [4, size], [4, start], [2, 0]));
    },
  };
}

/**
 * Writes a PyTorch checkpoint (`torch.load(file)["state_dict"]`), one tensor in memory at a time. It appears under its name only when it
 * is complete. @throws `bad-input` beyond 4 GiB or 65 000 tensors, which ask for safetensors; `output` when it cannot be written;
 * `cancelled`.
 */
export async function writeCheckpoint(
  file: string,
  plan: PlannedWeights,
  { counters = {}, onProgress, signal }: WriteCheckpointOptions = {},
): Promise<void> {
  const bytes = plan.rows.reduce((sum, [, dtype, shape]) => sum + sizeOf(shape) * storages[dtype as DType].bytes, 0);
  if (bytes > largest || plan.rows.length > 65_000)
    throw new ProsoponError("bad-input", `${plan.rows.length} tensors of ${bytes} bytes are too much for a .ckpt.`, {
      values: { file, bytes, tensors: plan.rows.length },
      mend: "Write a .safetensors file instead.",
    });
  const part = `${file}.${randomUUID()}.part`;
  try {
    const handle = await open(part, "wx");
    try {
      const zip = zipWriter(handle);
      await zip.add("archive/data.pkl", pickleOf(plan.rows, counters));
      const total = plan.rows.reduce((sum, [, , shape]) => sum + sizeOf(shape), 0);
      let done = 0;
      for (const [index, [name, , shape]] of plan.rows.entries()) {
        checkSignal(signal);
        await zip.add(`archive/data/${index}`, bytesOf(await plan.read(name)));
        done += sizeOf(shape);
        onProgress?.({ done, total });
      }
      await zip.add("archive/version", new TextEncoder().encode("3\n"));
      await zip.end();
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    if (isProsoponError(error)) throw error;
    throw new ProsoponError("output", `Cannot write ${file}: ${(error as Error).message}.`, {
      values: { file },
      cause: error,
    });
  }
}
