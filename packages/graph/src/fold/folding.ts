import type { Attributes } from "../graph.ts";
import type { Inferred } from "../infer/inference.ts";
import { sizeOf } from "../make-tensor.ts";
import type { Tensor } from "../tensor.ts";

/** int64 elements are bigints, all others numbers; booleans are 0 and 1. */
export type Element = number | bigint;

export interface FoldingContext {
  readonly tensors: readonly (Tensor | undefined)[];
  readonly attributes: Attributes;
  readonly inferred: readonly Inferred[];
}

/** The elements of each output in row-major order; undefined where the result would not be exactly the runtime's. */
export type Folding = (context: FoldingContext) => readonly ArrayLike<Element>[] | undefined;

/** Number of elements between neighbours along each axis. */
export function stridesOf(shape: readonly number[]): readonly number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * shape[i + 1]!;
  return strides;
}

/** The elements of an output whose element at `place` comes from `index(place)`. */
export function picked<T>(
  shape: readonly number[],
  source: ArrayLike<T>,
  index: (place: readonly number[]) => number,
): readonly T[] {
  const size = sizeOf(shape);
  const place = new Array<number>(shape.length).fill(0);
  const out: T[] = [];
  for (let n = 0; n < size; n++) {
    out.push(source[index(place)]!);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++place[axis]! < shape[axis]!) break;
      place[axis] = 0;
    }
  }
  return out;
}

/** The elements of a tensor broadcast to `shape`. */
export function spread(t: Tensor, shape: readonly number[]): ArrayLike<Element> {
  if (`${t.shape}` === `${shape}`) return t.data;
  const strides = stridesOf(t.shape);
  const skip = shape.length - t.shape.length;
  return picked(shape, t.data as ArrayLike<Element>, (place) =>
    t.shape.reduce((sum, d, i) => sum + (d === 1 ? 0 : place[i + skip]! * strides[i]!), 0),
  );
}
