import { parse, relative, resolve } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import { bytesPerElement, type DType, type Tensor } from "@prosopon/graph";
import type { ByteRange, Program } from "../program.ts";
import { onnxDataTypes } from "../tiny-model.ts";
import { bytes, integer, joined, lengthOf, type Piece } from "../wire.ts";
import { checkRange, readRange } from "./read-range.ts";

/** What the runtime opens and feeds. */
export interface BoundProgram {
  readonly model: Uint8Array;
  /** Below this folder lie the files that the model refers to. */
  readonly folder?: string;
  /** Tensors to feed at every run. */
  readonly fed: Readonly<Record<string, Tensor>>;
}

/** Ranges from this many bytes on are mapped by the runtime from their file instead of being copied into the model. */
const worthMapping = 65536;
const longestModel = 2 ** 31 - 1;

/**
 * Binds a program's parameters. As initializers they are appended to the model: protobuf messages merge when concatenated, so
 * `ModelProto{graph{initializer...}}` behind the model adds to its graph without decoding it.
 * @throws what `checkRange` does; `bad-input` when model and copied parameters exceed protobuf's 2 GiB.
 */
export async function bindParameters(program: Program): Promise<BoundProgram> {
  const parameters = Object.entries(program.parameters ?? {}).map(
    ([name, value]) => [name, "file" in value ? { ...value, file: resolve(value.file) } : value] as const,
  );
  await Promise.all(parameters.map(([name, value]) => ("file" in value ? checkRange(name, value) : undefined)));
  if (program.bind === "inputs") {
    const fed: Record<string, Tensor> = {};
    for (const [name, value] of parameters) fed[name] = "file" in value ? await readRange(name, value) : value;
    return { model: program.model, fed };
  }
  // The runtime refuses absolute locations: they are relative to the root, which on Windows is one of several.
  const folder = parameters.flatMap(([, value]) => ("file" in value ? [parse(value.file).root] : []))[0] ?? "/";
  const pieces: Piece[] = [];
  for (const [name, value] of parameters) {
    if ("file" in value && isMappable(value, folder)) pieces.push(mapped(name, value, folder));
    else pieces.push(copied(name, "file" in value ? await readRange(name, value) : value));
    checkLength(lengthOf([program.model, pieces]));
  }
  return { model: pieces.length === 0 ? program.model : joined([program.model, bytes(7, pieces)]), folder, fed: {} };
}

/** The runtime reads the elements in place, so they must lie at a multiple of their size. */
const isMappable = ({ file, offset, length, dtype }: ByteRange, folder: string): boolean =>
  length >= worthMapping && dtype !== "float16" && offset % bytesPerElement[dtype] === 0 && parse(file).root === folder;

/** GraphProto.initializer with its data inside. */
const copied = (name: string, { dtype, shape, data }: Tensor): Piece =>
  bytes(5, [head(name, dtype, shape), bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))]);

/** GraphProto.initializer with its data in a file. */
const mapped = (name: string, { file, offset, length, dtype, shape }: ByteRange, folder: string): Piece =>
  bytes(5, [
    head(name, dtype, shape),
    integer(14, 1),
    entry("location", relative(folder, file)),
    entry("offset", String(offset)),
    entry("length", String(length)),
  ]);

const head = (name: string, dtype: DType, shape: readonly number[]): Piece => [
  shape.map((dimension) => integer(1, dimension)),
  integer(2, onnxDataTypes[dtype]),
  bytes(8, name),
];

const entry = (key: string, value: string): Piece => bytes(13, [bytes(1, key), bytes(2, value)]);

function checkLength(length: number): void {
  if (length > longestModel)
    throw new ProsoponError(
      "bad-input",
      `The model and its parameters make ${length} bytes, more than the ${longestModel} of one protobuf message.`,
      { values: { length }, mend: 'Give big parameters as float32 byte ranges of a file, or bind them as "inputs".' },
    );
}
