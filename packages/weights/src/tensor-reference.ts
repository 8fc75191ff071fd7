import { sizeOf } from "@prosopon/graph";
import { badPickle } from "./pickle-error.ts";
import type { PickleValue, StorageReference, TensorReference } from "./pickle-value.ts";
import { storages } from "./stored-dtype.ts";

/** Elements that a view may have beyond those of its storage (stride 0 repeats): an allocation that no file size pays for. */
const mostRepeated = 1_048_576;

const isCounts = (value: PickleValue | undefined): value is readonly number[] =>
  Array.isArray(value) && value.length <= 64 && value.every((n) => Number.isSafeInteger(n) && n >= 0);

/** Elements from the first to the last one used, both included; 0 for an empty tensor. */
export const spanOf = ({ shape, stride }: Pick<TensorReference, "shape" | "stride">): number =>
  shape.includes(0) ? 0 : shape.reduce((span, size, axis) => span + (size - 1) * stride[axis]!, 1);

/** True when the elements lie in row-major order without gaps. */
export function isDense({ shape, stride }: TensorReference): boolean {
  if (shape.includes(0)) return true;
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && stride[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/**
 * A view of a storage, as a pickle asks for it: offset and strides in elements.
 * @throws `bad-file` when it reaches outside the storage or is unreasonably larger than it.
 */
export function tensorReference(
  storage: StorageReference,
  offset: PickleValue | undefined,
  shape: PickleValue | undefined,
  stride: PickleValue | undefined,
): TensorReference {
  if (!isCounts(shape) || !isCounts(stride) || shape.length !== stride.length || !isCounts([offset ?? -1]))
    throw badPickle(`a tensor of the storage "${storage.key}" has no valid offset, shape or strides.`, {
      key: storage.key,
    });
  const reference = {
    python: "tensor",
    storage,
    offset: offset as number,
    shape: [...shape],
    stride: [...stride],
  } as const;
  if (reference.offset + spanOf(reference) > storage.length)
    throw badPickle(
      `a tensor of shape [${shape}], strides [${stride}] and offset ${offset} reaches outside its storage of ${storage.length} elements.`,
      { key: storage.key, shape, stride, offset, length: storage.length },
    );
  if (!(sizeOf(shape) <= Math.max(storage.length, mostRepeated)))
    // also NaN, from the product of huge sizes and 0
    throw badPickle(`a tensor of shape [${shape}] repeats a storage of only ${storage.length} elements.`, {
      key: storage.key,
      shape,
      length: storage.length,
    });
  return reference;
}

/**
 * Copies the elements of a view in row-major order.
 * @param span bytes of the storage from the first element used to the last, `spanOf(reference)` elements.
 */
export function gather(reference: TensorReference, span: Uint8Array): Uint8Array {
  const { shape, stride } = reference;
  const width = storages[reference.storage.dtype].bytes;
  const out = new Uint8Array(sizeOf(shape) * width);
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < out.length; to += width) {
    for (let byte = 0; byte < width; byte++) out[to + byte] = span[from * width + byte]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += stride[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= stride[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

/** Reverses the bytes of each element in place, from big-endian to little-endian. */
export function swapBytes(bytes: Uint8Array, width: number): Uint8Array {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
  return bytes;
}
