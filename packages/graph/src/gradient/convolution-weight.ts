import { apply1 } from "../apply.ts";
import { constant, constantOf } from "../constant.ts";
import type { Value } from "../graph.ts";
import { sizeOf, tensor } from "../make-tensor.ts";
import { mul } from "../ops/elementwise.ts";
import { concat, pad, reshape, slice, transpose } from "../ops/movement.ts";
import type { Sliding } from "./convolution.ts";
import { outerSum, product } from "./matrix.ts";
import { sumOver, unbroadcast } from "./unbroadcast.ts";

/** Every position of a kernel, in row-major order. */
const positions = (kernel: readonly number[]): readonly (readonly number[])[] =>
  kernel.reduce<readonly (readonly number[])[]>(
    (all, k) => all.flatMap((head) => Array.from({ length: k }, (_, i) => [...head, i])),
    [[]],
  );

/** One [rows, columns] gradient per tap becomes [rows, columns, taps]. */
function gathered(taps: readonly Value[]): Value {
  if (taps.length === 1) return taps[0]!;
  const size = sizeOf(taps[0]!.shape);
  return transpose(
    concat(
      taps.map((t) => reshape(t, [1, size])),
      0,
    ),
    [1, 0],
  );
}

/** 1 where output place p of a plane sees input place p + shift inside the plane, else 0; undefined if it always does. */
function edgeMask(like: Value, plane: readonly number[], shift: readonly number[]): Value | undefined {
  if (shift.every((s) => s === 0)) return undefined;
  const inside = (index: number) => {
    let rest = index;
    for (let axis = plane.length - 1; axis >= 0; axis--) {
      const place = (rest % plane[axis]!) + shift[axis]!;
      if (place < 0 || place >= plane[axis]!) return 0;
      rest = Math.floor(rest / plane[axis]!);
    }
    return 1;
  };
  const data = Array.from({ length: sizeOf(plane) }, (_, i) => inside(i));
  return constant(like.graph, tensor(like.dtype, [data.length], data));
}

/**
 * Stride 1, output as large as the input, one group. Flat planes are shifted as a whole, one contiguous slice per tap; what
 * wraps round an edge is masked out of the output's gradient.
 */
function shifted(x: Value, g: Value, { kernel, dilations, pads }: Sliding): readonly Value[] {
  const [n, c] = x.shape as [number, number];
  const f = g.shape[1]!;
  const plane = x.shape.slice(2);
  const s = sizeOf(plane);
  const strides = plane.map((_, axis) => sizeOf(plane.slice(axis + 1)));
  const offset = (shift: readonly number[]) => shift.reduce((sum, d, axis) => sum + d * strides[axis]!, 0);
  const shifts = positions(kernel).map((at) => at.map((k, axis) => k * dilations[axis]! - pads[axis]!));
  const margin = Math.max(...shifts.map((shift) => Math.abs(offset(shift))));
  const batched = n === 1 || s >= 1024;
  const [rows, columns] = batched
    ? [reshape(x, [n, c, s]), reshape(g, [n, f, s])]
    : [
        reshape(transpose(reshape(x, [n, c, s]), [1, 0, 2]), [1, c, n * s]),
        transpose(reshape(g, [n, f, s]), [1, 0, 2]),
      ];
  const length = rows.shape[2]!;
  const wide = pad(rows, [0, 0, margin, 0, 0, margin]);
  return shifts.map((shift) => {
    const start = margin + offset(shift);
    const seen = slice(wide, { axis: 2, start, end: start + length });
    const mask = edgeMask(g, plane, shift);
    const masked = reshape(mask ? mul(columns, mask) : columns, [batched ? n : 1, f, length]);
    return batched && n > 1
      ? unbroadcast(product(masked, seen, { transB: true }), [f, c])
      : product(reshape(masked, [f, length]), reshape(seen, [c, length]), { transB: true });
  });
}

/** Any stride, padding and grouping: per tap the elements that it saw, by a strided slice. */
function strided(x: Value, g: Value, { kernel, strides, dilations, pads, ends, groups }: Sliding): readonly Value[] {
  const [n, c] = x.shape as [number, number];
  const f = g.shape[1]!;
  const out = g.shape.slice(2);
  const s = sizeOf(out);
  const wide = pad(x, [0, 0, ...pads, 0, 0, ...ends]);
  const list = (values: readonly number[]) => constantOf(x.graph, "int64", values);
  const spatial = list(kernel.map((_, axis) => axis + 2));
  return positions(kernel).map((at) => {
    const starts = at.map((k, axis) => k * dilations[axis]!);
    const stops = starts.map((start, axis) => start + (out[axis]! - 1) * strides[axis]! + 1);
    const seen = apply1(x.graph, "Slice", [wide, list(starts), list(stops), spatial, list(strides)]);
    if (groups === 1) return outerSum(reshape(g, [n, f, s]), reshape(seen, [n, c, s]));
    // One channel a group: no product of matrices, only of elements.
    if (groups === c && f === c) return sumOver(reshape(mul(g, seen), [n, c, s]), [0, 2]);
    const grouped = (v: Value, channels: number) =>
      reshape(transpose(reshape(v, [n, groups, channels / groups, s]), [1, 2, 0, 3]), [
        groups,
        channels / groups,
        n * s,
      ]);
    return product(grouped(g, f), grouped(seen, c), { transB: true });
  });
}

/**
 * Gradient of a convolution's weights, given its input x [N, C, spatial...] and the gradient of its output g [N, F, ...]:
 * [F, C/groups, kernel...] up to a reshape.
 */
export function convolutionWeightGradient(x: Value, g: Value, sliding: Sliding): Value {
  const same = `${x.shape.slice(2)}` === `${g.shape.slice(2)}`;
  const plain = sliding.groups === 1 && sliding.strides.every((stride) => stride === 1);
  return gathered(same && plain ? shifted(x, g, sliding) : strided(x, g, sliding));
}
