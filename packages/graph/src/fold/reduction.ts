import { axisOf, integer, integers } from "../infer/inference.ts";
import { type Element, type Folding, picked, stridesOf } from "./folding.ts";

const reduction =
  (join: (a: bigint, b: bigint) => bigint): Folding =>
  ({ tensors: [x, given], attributes }) => {
    // Sums of floats depend on the order of addition, so only integers are folded.
    if (x?.dtype !== "int64" || x.data.length === 0) return undefined;
    const data = x.data as BigInt64Array;
    const listed = given ? Array.from(given.data as ArrayLike<Element>, Number) : integers(attributes["axes"]);
    if (!listed?.length && integer(attributes["noop_with_empty_axes"], 0)) return [data];
    const reduced = new Set(listed?.length ? listed.map((a) => axisOf(a, x.shape.length)) : Array.from(x.shape.keys()));
    const strides = stridesOf(x.shape);
    const kept = x.shape.map((d, i) => (reduced.has(i) ? 1 : d));
    const inner = x.shape.map((d, i) => (reduced.has(i) ? d : 1));
    const indices = Array.from({ length: x.data.length }, (_, i) => i);
    const at = (place: readonly number[]) => place.reduce((sum, p, i) => sum + p * strides[i]!, 0);
    const steps = picked(inner, indices, at);
    const results = picked(kept, indices, at).map((start) => steps.map((step) => data[start + step]!).reduce(join));
    // The runtime's own products of integers lose digits beyond 2^53.
    return results.every((v) => Number.isSafeInteger(Number(v))) ? [results] : undefined;
  };

export const reductionFoldings: Readonly<Record<string, Folding>> = {
  ReduceProd: reduction((a, b) => a * b),
  ReduceSum: reduction((a, b) => a + b),
  ReduceMin: reduction((a, b) => (a < b ? a : b)),
  ReduceMax: reduction((a, b) => (a > b ? a : b)),
};
