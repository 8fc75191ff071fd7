import { ProsoponError } from "@prosopon/errors";
import { sizeOf } from "@prosopon/graph";
import { dtypeOfSafetensors, type StoredDType, storages } from "./stored-dtype.ts";

/** Place of one tensor in the data part of a safetensors file. */
export interface SafetensorsEntry {
  readonly dtype: StoredDType;
  readonly shape: readonly number[];
  /** First byte, counted from the end of the header. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
}

export interface SafetensorsHeader {
  /** In the order of their bytes. */
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Most bytes that the header may take (the limit of the reference implementation). */
export const longestHeader = 100_000_000;

const refuse = (message: string, values: Record<string, unknown> = {}): ProsoponError =>
  new ProsoponError("bad-file", `Not a valid safetensors header: ${message}`, { values });

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function entryOf(name: string, value: unknown): SafetensorsEntry {
  if (!isRecord(value)) throw refuse(`the entry of "${name}" is not an object.`, { name });
  const { dtype: code, shape, data_offsets: range, ...others } = value;
  const unknown = Object.keys(others);
  if (unknown.length > 0) throw refuse(`"${name}" has the unknown field "${unknown[0]}".`, { name, unknown });
  const dtype = typeof code === "string" ? dtypeOfSafetensors.get(code) : undefined;
  if (dtype === undefined)
    throw refuse(`"${name}" has the unsupported element type ${JSON.stringify(code)}.`, { name, dtype: code });
  if (!Array.isArray(shape) || !shape.every(isCount)) throw refuse(`"${name}" has no valid shape.`, { name, shape });
  const [first, end, ...more] = Array.isArray(range) ? (range as unknown[]) : [];
  if (!isCount(first) || !isCount(end) || first > end || more.length > 0)
    throw refuse(`"${name}" has no valid data_offsets.`, { name, range });
  const length = sizeOf(shape) * storages[dtype].bytes;
  if (length !== end - first)
    throw refuse(
      `"${name}" of shape [${shape}] and type ${code} needs ${length} bytes, its offsets span ${end - first}.`,
      {
        name,
        shape,
        range,
      },
    );
  return { dtype, shape, offset: first, length };
}

/**
 * Reads the JSON header of a safetensors file and checks it strictly: known fields and types, sizes that fit the shapes,
 * byte ranges that follow one another without gap or overlap and end exactly where the data ends.
 * @param bytes the header alone, without its 8-byte length.
 * @param dataLength bytes that follow the header.
 * @throws `bad-file`.
 */
export function parseSafetensorsHeader(bytes: Uint8Array, dataLength: number): SafetensorsHeader {
  let json: unknown;
  try {
    if (bytes[0] !== 0x7b) throw new SyntaxError("it does not start with {");
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ProsoponError("bad-file", `Not a valid safetensors header: ${(cause as Error).message}.`, { cause });
  }
  if (!isRecord(json)) throw refuse("it is not an object.");
  const metadata: [string, string][] = [];
  const found: [string, SafetensorsEntry][] = [];
  for (const [name, value] of Object.entries(json)) {
    if (name !== "__metadata__") {
      found.push([name, entryOf(name, value)]);
      continue;
    }
    if (!isRecord(value)) throw refuse("__metadata__ is not an object.");
    for (const [key, text] of Object.entries(value)) {
      if (typeof text !== "string") throw refuse(`the metadata value of "${key}" is not a string.`, { key });
      metadata.push([key, text]);
    }
  }
  found.sort(([, a], [, b]) => a.offset - b.offset || a.length - b.length);
  let end = 0;
  for (const [name, entry] of found) {
    if (entry.offset !== end)
      throw refuse(
        `"${name}" starts at byte ${entry.offset} of the data, not at ${end}: ${entry.offset < end ? "an overlap" : "a gap"}.`,
        {
          name,
          offset: entry.offset,
          expected: end,
        },
      );
    end += entry.length;
  }
  if (end !== dataLength)
    throw refuse(`its tensors take ${end} bytes, ${dataLength} follow the header.`, {
      expected: end,
      found: dataLength,
    });
  return { entries: new Map(found), metadata: Object.fromEntries(metadata) };
}

/** One tensor to be written: its name, type and shape. */
export type SafetensorsRow = readonly [name: string, dtype: StoredDType, shape: readonly number[]];

/** The 8-byte length and the JSON header, padded with spaces to a multiple of 8 bytes. The same rows give the same bytes. */
export function formatSafetensorsHeader(
  rows: Iterable<SafetensorsRow>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const fields: [string, unknown][] = Object.keys(metadata).length > 0 ? [["__metadata__", metadata]] : [];
  const names = new Set(["__metadata__"]);
  let offset = 0;
  for (const [name, dtype, shape] of rows) {
    if (names.has(name))
      throw new ProsoponError(
        "bad-input",
        `The tensor name "${name}" is ${name === "__metadata__" ? "reserved" : "given twice"}.`,
        {
          values: { name },
        },
      );
    names.add(name);
    const end = offset + sizeOf(shape) * storages[dtype].bytes;
    fields.push([name, { dtype: storages[dtype].safetensors, shape, data_offsets: [offset, end] }]);
    offset = end;
  }
  // Fields are joined by hand because an object would move integer-like names to the front.
  const text = `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`;
  const json = new TextEncoder().encode(text);
  const length = Math.ceil(json.length / 8) * 8;
  if (length > longestHeader)
    throw new ProsoponError("bad-input", `The header would take ${length} bytes, more than ${longestHeader}.`, {
      values: { length },
    });
  const bytes = new Uint8Array(8 + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  return bytes;
}
