import { open } from "node:fs/promises";
import { ProsoponError } from "@prosopon/errors";
import { bytesPerElement, type DType, sizeOf, type Tensor, type TypedArrays, tensor } from "@prosopon/graph";
import type { ByteRange } from "../program.ts";

/** More than this in one `read` is refused by some systems. */
const longestRead = 2 ** 30;

const views: { readonly [D in DType]: (buffer: ArrayBuffer) => TypedArrays[D] } = {
  float32: (buffer) => new Float32Array(buffer),
  float64: (buffer) => new Float64Array(buffer),
  float16: (buffer) => new Uint16Array(buffer),
  int64: (buffer) => new BigInt64Array(buffer),
  int32: (buffer) => new Int32Array(buffer),
  int16: (buffer) => new Int16Array(buffer),
  int8: (buffer) => new Int8Array(buffer),
  uint8: (buffer) => new Uint8Array(buffer),
  bool: (buffer) => new Uint8Array(buffer),
};

/**
 * Checks that a parameter's range fits its shape and lies inside its file.
 * @throws `bad-input` when length and shape disagree; `not-found` when the file is absent; `bad-file` when it is too short.
 */
export async function checkRange(name: string, range: ByteRange): Promise<void> {
  const { file, offset, length, dtype, shape } = range;
  const values = { name, file, offset, length, dtype, shape };
  const needed = sizeOf(shape) * bytesPerElement[dtype];
  if (needed !== length || !Number.isSafeInteger(offset) || offset < 0)
    throw new ProsoponError(
      "bad-input",
      `Parameter "${name}", ${dtype} [${shape}], needs ${needed} bytes, but its range gives ${length} from ${offset}.`,
      { values },
    );
  const handle = await open(file).catch((cause: unknown) => {
    throw new ProsoponError("not-found", `${file}, which holds parameter "${name}", cannot be opened.`, {
      values,
      cause,
    });
  });
  try {
    const { size } = await handle.stat();
    if (offset + length > size)
      throw new ProsoponError(
        "bad-file",
        `${file} has ${size} bytes, but parameter "${name}" ends at ${offset + length}.`,
        { values: { ...values, size }, mend: "Is the file complete?" },
      );
  } finally {
    await handle.close();
  }
}

/** Reads a checked range. float16 comes out as float32. @throws `bad-file` when the file ends too soon. */
export async function readRange(name: string, range: ByteRange): Promise<Tensor> {
  const bytes = new Uint8Array(range.length);
  const handle = await open(range.file);
  try {
    for (let at = 0; at < bytes.length; ) {
      const part = Math.min(longestRead, bytes.length - at);
      const { bytesRead } = await handle.read(bytes, at, part, range.offset + at);
      if (bytesRead === 0)
        throw new ProsoponError("bad-file", `${range.file} ended inside parameter "${name}".`, {
          values: { name, file: range.file, at },
        });
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
  if (range.dtype === "float16") return tensor("float32", range.shape, widened(new Uint16Array(bytes.buffer)));
  return tensor(range.dtype, range.shape, views[range.dtype](bytes.buffer));
}

/** IEEE 754 half precision bits as numbers; exact. */
export function widened(halves: Uint16Array): Float32Array {
  const wide = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    const magnitude =
      exponent === 31
        ? fraction === 0
          ? Number.POSITIVE_INFINITY
          : Number.NaN
        : exponent === 0
          ? fraction * 2 ** -24
          : (1 + fraction / 1024) * 2 ** (exponent - 15);
    wide[i] = half & 0x8000 ? -magnitude : magnitude;
  }
  return wide;
}
