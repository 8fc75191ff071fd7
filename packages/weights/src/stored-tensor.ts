import { type Tensor, type TypedArrays, tensor } from "@prosopon/graph";
import { widenBfloat16 } from "./float16.ts";
import { type StoredDType, storages } from "./stored-dtype.ts";

type View = new (buffer: ArrayBufferLike, offset: number, length: number) => TypedArrays[keyof TypedArrays];

const views: Readonly<Record<StoredDType, View>> = {
  float64: Float64Array,
  float32: Float32Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

/** A tensor over dense little-endian bytes. Shares their memory where it is aligned; bfloat16 becomes float32. */
export function storedTensor(dtype: StoredDType, shape: readonly number[], bytes: Uint8Array): Tensor {
  const width = storages[dtype].bytes;
  const aligned = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  const data = new views[dtype](aligned.buffer, aligned.byteOffset, aligned.byteLength / width);
  if (dtype === "bfloat16") return tensor("float32", shape, widenBfloat16(data as Uint16Array));
  return tensor(dtype, shape, data);
}

/** The bytes behind a tensor, not copied. */
export const bytesOf = ({ data }: Tensor): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
