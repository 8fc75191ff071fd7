import { apply, apply1 } from "../apply.ts";
import { constantOf } from "../constant.ts";
import type { Value } from "../graph.ts";

export interface ReduceOptions {
  /** Axes to reduce, negative from the end; the default is all. */
  readonly axes?: readonly number[];
  /** Keep reduced axes with size 1; default false. */
  readonly keep?: boolean;
}

const reduction =
  (op: string) =>
  (x: Value, { axes, keep = false }: ReduceOptions = {}): Value =>
    apply1(x.graph, op, [x, axes && constantOf(x.graph, "int64", axes)], { keepdims: keep ? 1 : 0 });

export const reduceSum = reduction("ReduceSum");
export const reduceMean = reduction("ReduceMean");
export const reduceMax = reduction("ReduceMax");
export const reduceMin = reduction("ReduceMin");

/** Index (int64) of the first smallest element along an axis. Not differentiable. */
export const argMin = (x: Value, axis: number, keep = false): Value =>
  apply1(x.graph, "ArgMin", [x], { axis, keepdims: keep ? 1 : 0 });
/** Index (int64) of the first largest element along an axis. Not differentiable. */
export const argMax = (x: Value, axis: number, keep = false): Value =>
  apply1(x.graph, "ArgMax", [x], { axis, keepdims: keep ? 1 : 0 });

/** The k largest elements along an axis, in falling order, and their indices (int64). */
export function topK(x: Value, k: number, axis = -1): { readonly values: Value; readonly indices: Value } {
  const [values, indices] = apply(x.graph, "TopK", [x, constantOf(x.graph, "int64", [k])], { axis });
  return { values: values!, indices: indices! };
}
