import { apply, apply1 } from "../apply.ts";
import { constantOf } from "../constant.ts";
import type { Value } from "../graph.ts";

const list = (x: Value, values: readonly number[]) => constantOf(x.graph, "int64", values);

/** Same elements, new shape; one dimension may be -1. The same value when nothing changes. */
export const reshape = (x: Value, shape: readonly number[]): Value =>
  `${shape}` === `${x.shape}` ? x : apply1(x.graph, "Reshape", [x, list(x, shape)]);

/** Axis i of the result is axis `order[i]` of x. */
export const transpose = (x: Value, order: readonly number[]): Value =>
  order.every((axis, i) => axis === i) ? x : apply1(x.graph, "Transpose", [x], { perm: order });

export const flatten = (x: Value, axis = 1): Value => apply1(x.graph, "Flatten", [x], { axis });
export const squeeze = (x: Value, axes: readonly number[]): Value => apply1(x.graph, "Squeeze", [x, list(x, axes)]);
export const unsqueeze = (x: Value, axes: readonly number[]): Value => apply1(x.graph, "Unsqueeze", [x, list(x, axes)]);

/** Joins values along an axis. */
export const concat = (values: readonly Value[], axis: number): Value =>
  values.length === 1 ? values[0]! : apply1(values[0]!.graph, "Concat", values, { axis });

/** Cuts into parts of the given sizes along an axis. */
export const split = (x: Value, sizes: readonly number[], axis: number): readonly Value[] =>
  apply(x.graph, "Split", [x, list(x, sizes)], { axis }, { outputs: sizes.length });

export interface SliceOptions {
  readonly axis: number;
  /** First index; negative counts from the end. */
  readonly start: number;
  /** Index after the last; the default is the end of the axis. */
  readonly end?: number;
  readonly step?: number;
}

/** Part of a value along one axis. */
export const slice = (x: Value, { axis, start, end = 2 ** 31 - 1, step = 1 }: SliceOptions): Value =>
  apply1(x.graph, "Slice", [x, list(x, [start]), list(x, [end]), list(x, [axis]), list(x, [step])]);

/** Pads with a constant: `pads` holds the begin paddings of all axes, then the end ones; negative paddings crop. */
export const pad = (x: Value, pads: readonly number[], value = 0): Value =>
  pads.every((p) => p === 0)
    ? x
    : apply1(x.graph, "Pad", [x, list(x, pads), constantOf(x.graph, x.dtype, value)], { mode: "constant" });

/** Rows of `table` along `axis` by integer indices (an embedding lookup at axis 0). */
export const gather = (table: Value, indices: Value, axis = 0): Value =>
  apply1(table.graph, "Gather", [table, indices], { axis });

/** Repeats size-1 axes up to `shape`. The same value when nothing changes. */
export const expand = (x: Value, shape: readonly number[]): Value =>
  `${shape}` === `${x.shape}` ? x : apply1(x.graph, "Expand", [x, list(x, shape)]);

/** Nearest-neighbour enlargement of [N, C, H, W] by whole factors. */
export const resizeNearest = (x: Value, factor: number): Value =>
  apply1(
    x.graph,
    "Resize",
    [x, undefined, constantOf(x.graph, "float32", [1, 1, ...x.shape.slice(2).map(() => factor)])],
    { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" },
  );

/** Bilinear resize of [N, C, H, W] to a height and width, half-pixel centres, no antialiasing (torch align_corners=False). */
export const resizeLinear = (x: Value, height: number, width: number): Value =>
  apply1(x.graph, "Resize", [x, undefined, undefined, list(x, [...x.shape.slice(0, 2), height, width])], {
    mode: "linear",
    coordinate_transformation_mode: "half_pixel",
  });
