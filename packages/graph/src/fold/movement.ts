import { axisOf, integer, integers } from "../infer/inference.ts";
import { sliceOf } from "../infer/movement.ts";
import { sizeOf } from "../make-tensor.ts";
import type { Tensor } from "../tensor.ts";
import { type Element, type Folding, picked, spread, stridesOf } from "./folding.ts";

const elements = (t: Tensor): ArrayLike<Element> => t.data as ArrayLike<Element>;
const numbersOf = (t: Tensor | undefined): readonly number[] | undefined =>
  t && Array.from(t.data as ArrayLike<Element>, Number);

const same: Folding = ({ tensors: [x] }) => x && [elements(x)];

const transpose: Folding = ({ tensors: [x], attributes, inferred }) => {
  if (!x) return undefined;
  const order = integers(attributes["perm"]) ?? [...x.shape.keys()].reverse();
  const strides = stridesOf(x.shape);
  return [
    picked(inferred[0]!.shape, elements(x), (place) =>
      order.reduce((sum, axis, i) => sum + place[i]! * strides[axis]!, 0),
    ),
  ];
};

const slice: Folding = ({ tensors: [x, starts, ends, axes, steps], inferred }) => {
  if (!x) return undefined;
  const first = x.shape.map(() => 0);
  const step = x.shape.map(() => 1);
  for (const part of sliceOf(
    x.shape,
    numbersOf(starts) ?? [],
    numbersOf(ends) ?? [],
    numbersOf(axes),
    numbersOf(steps),
  )) {
    first[part.axis] = part.start;
    step[part.axis] = part.step;
  }
  const strides = stridesOf(x.shape);
  return [
    picked(inferred[0]!.shape, elements(x), (place) =>
      place.reduce((sum, p, i) => sum + (first[i]! + p * step[i]!) * strides[i]!, 0),
    ),
  ];
};

const concat: Folding = ({ tensors, attributes, inferred }) => {
  const { shape } = inferred[0]!;
  const axis = axisOf(integer(attributes["axis"], 0), shape.length);
  const rows = sizeOf(shape.slice(0, axis));
  const out: Element[] = [];
  for (let row = 0; row < rows; row++)
    for (const t of tensors) {
      if (!t) return undefined;
      const width = t.data.length / rows;
      for (let i = 0; i < width; i++) out.push(t.data[row * width + i]!);
    }
  return [out];
};

const split: Folding = ({ tensors: [x], attributes, inferred }) => {
  if (!x) return undefined;
  const axis = axisOf(integer(attributes["axis"], 0), x.shape.length);
  const strides = stridesOf(x.shape);
  let offset = 0;
  return inferred.map(({ shape }) => {
    const from = offset;
    offset += shape[axis]!;
    return picked(shape, elements(x), (place) =>
      place.reduce((sum, p, i) => sum + (p + (i === axis ? from : 0)) * strides[i]!, 0),
    );
  });
};

const gather: Folding = ({ tensors: [x, indices], attributes, inferred }) => {
  if (!x || !indices) return undefined;
  const axis = axisOf(integer(attributes["axis"], 0), x.shape.length);
  const size = x.shape[axis] ?? 0;
  const chosen = (numbersOf(indices) ?? []).map((i) => (i < 0 ? i + size : i));
  if (chosen.some((i) => i < 0 || i >= size)) return undefined;
  const rank = indices.shape.length;
  const [strides, of] = [stridesOf(x.shape), stridesOf(indices.shape)];
  return [
    picked(inferred[0]!.shape, elements(x), (place) => {
      const at = of.reduce((sum, stride, i) => sum + place[axis + i]! * stride, 0);
      return strides.reduce(
        (sum, stride, i) => sum + stride * (i < axis ? place[i]! : i === axis ? chosen[at]! : place[i + rank - 1]!),
        0,
      );
    }),
  ];
};

const tile: Folding = ({ tensors: [x], inferred }) => {
  if (!x) return undefined;
  const strides = stridesOf(x.shape);
  return [
    picked(inferred[0]!.shape, elements(x), (place) =>
      place.reduce((sum, p, i) => sum + (p % x.shape[i]!) * strides[i]!, 0),
    ),
  ];
};

const range: Folding = ({ tensors: [start, , delta], inferred }) => {
  const { dtype, shape } = inferred[0]!;
  // The runtime adds up float steps one by one; only integers are the same in any order.
  if (!start || !delta || !dtype.startsWith("int")) return undefined;
  return [
    Array.from({ length: shape[0]! }, (_, i) =>
      dtype === "int64"
        ? (start.data[0] as bigint) + BigInt(i) * (delta.data[0] as bigint)
        : (start.data[0] as number) + i * (delta.data[0] as number),
    ),
  ];
};

const constantOfShape: Folding = ({ attributes, inferred }) => {
  const { dtype, shape } = inferred[0]!;
  const value = (attributes["value"] as Tensor | undefined)?.data[0] ?? (dtype === "int64" ? 0n : 0);
  return [new Array<Element>(sizeOf(shape)).fill(value)];
};

export const movementFoldings: Readonly<Record<string, Folding>> = {
  Identity: same,
  Reshape: same,
  Flatten: same,
  Squeeze: same,
  Unsqueeze: same,
  Transpose: transpose,
  Slice: slice,
  Concat: concat,
  Split: split,
  Gather: gather,
  Expand: ({ tensors: [x], inferred }) => x && [spread(x, inferred[0]!.shape)],
  Tile: tile,
  Range: range,
  ConstantOfShape: constantOfShape,
};
