import { ProsoponError } from "@prosopon/errors";
import type { Tensor } from "@prosopon/graph";
import {
  formatSafetensorsHeader,
  longestHeader,
  parseSafetensorsHeader,
  type SafetensorsRow,
} from "./safetensors-header.ts";
import { bytesOf, storedTensor } from "./stored-tensor.ts";

export interface DecodedSafetensors {
  /** In the order of their bytes. bfloat16 tensors are float32 here; aligned tensors share the memory of the input. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Length in bytes of the JSON header, from the first 8 bytes of a safetensors file of `size` bytes.
 * @throws `bad-file` when the file cannot hold it.
 */
export function safetensorsHeaderLength(start: Uint8Array, size: number): number {
  const declared =
    start.byteLength < 8 ? undefined : new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true);
  if (declared === undefined || declared > BigInt(Math.min(longestHeader, size - 8)))
    throw new ProsoponError(
      "bad-file",
      `Not a safetensors file: ${size} bytes, with a header of ${declared ?? "unknown"} bytes.`,
      {
        values: { size, header: declared },
      },
    );
  return Number(declared);
}

/**
 * A whole safetensors file in memory.
 * @throws `bad-file` for anything that the format does not allow, overlaps and gaps included.
 */
export function decodeSafetensors(bytes: Uint8Array): DecodedSafetensors {
  const start = 8 + safetensorsHeaderLength(bytes, bytes.byteLength);
  const { entries, metadata } = parseSafetensorsHeader(bytes.subarray(8, start), bytes.byteLength - start);
  const tensors = new Map<string, Tensor>();
  for (const [name, { dtype, shape, offset, length }] of entries)
    tensors.set(name, storedTensor(dtype, shape, bytes.subarray(start + offset, start + offset + length)));
  return { tensors, metadata };
}

/**
 * The bytes of a safetensors file, tensors in the order of the map. The same input gives the same bytes.
 * @throws `bad-input` for a reserved name.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const rows = [...tensors].map(([name, { dtype, shape }]): SafetensorsRow => [name, dtype, shape]);
  const header = formatSafetensorsHeader(rows, metadata);
  const parts = [...tensors.values()].map(bytesOf);
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, header.length));
  bytes.set(header);
  let offset = header.length;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
