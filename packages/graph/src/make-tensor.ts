import { ProsoponError } from "@prosopon/errors";
import type { DType, Tensor, TypedArrays } from "./tensor.ts";

const constructors: { readonly [D in DType]: new (source: number | ArrayBuffer) => TypedArrays[D] } = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

/** Number of elements of a shape: 1 for a scalar, 0 if any dimension is 0. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** An empty typed array of `length` elements of `dtype`. */
export function allocate<D extends DType>(dtype: D, length: number): TypedArrays[D] {
  return new constructors[dtype](length);
}

/**
 * A tensor from numbers (or a typed array that is used as it is, not copied). Without data it is filled with zeros.
 * @throws `bad-input` when the number of elements is not the product of the shape.
 */
export function tensor<D extends DType>(
  dtype: D,
  shape: readonly number[],
  data?: TypedArrays[D] | readonly number[],
): Tensor<D> {
  const size = sizeOf(shape);
  if (data === undefined) return { dtype, shape, data: allocate(dtype, size) };
  if (data.length !== size)
    throw new ProsoponError("bad-input", `A tensor of shape [${shape}] needs ${size} elements, not ${data.length}.`, {
      values: { dtype, shape, length: data.length },
    });
  if (!Array.isArray(data)) return { dtype, shape, data: data as TypedArrays[D] };
  const array = allocate(dtype, size);
  for (let i = 0; i < size; i++) array[i] = dtype === "int64" ? BigInt(data[i]!) : data[i]!;
  return { dtype, shape, data: array };
}

/** A scalar float32 tensor. */
export const scalar = (value: number): Tensor<"float32"> => tensor("float32", [], Float32Array.of(value));
