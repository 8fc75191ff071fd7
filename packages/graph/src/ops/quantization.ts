import { apply1 } from "../apply.ts";
import type { Attributes, Value } from "../graph.ts";

/** Integers q that stand for scale · (q - zero), with a scale for all of them or one for each slice along axis 0. */
export interface Quantized {
  /** uint8 or int8. */
  readonly values: Value;
  /** float32, [] or [slices]. */
  readonly scale: Value;
  /** Of the integers' type, in the scale's shape. */
  readonly zero: Value;
}

/** round(x / scale) + zero, halves to even, clamped to the type of `zero`. */
export const quantizeLinear = (x: Value, { scale, zero }: Omit<Quantized, "values">): Quantized => ({
  values: apply1(x.graph, "QuantizeLinear", [x, scale, zero], scale.shape.length > 0 ? { axis: 0 } : {}),
  scale,
  zero,
});

/** The float32 numbers that the integers stand for. */
export const dequantizeLinear = ({ values, scale, zero }: Quantized): Value =>
  apply1(values.graph, "DequantizeLinear", [values, scale, zero], scale.shape.length > 0 ? { axis: 0 } : {});

/**
 * `conv` of integers: x with one scale, w with one for each filter, a bias [F] in int32 whose scale is that of x times that of w. Sums are
 * exact; the result is rounded to `to`. `attributes` are those of Conv.
 */
export const qLinearConv = (
  x: Quantized,
  w: Quantized,
  bias: Value | undefined,
  to: Omit<Quantized, "values">,
  attributes: Attributes,
): Quantized => ({
  values: apply1(
    x.values.graph,
    "QLinearConv",
    [x.values, x.scale, x.zero, w.values, w.scale, w.zero, to.scale, to.zero, ...(bias ? [bias] : [])],
    attributes,
  ),
  ...to,
});

/** a · bᵀ + bias of integers as float32: a [M, K] with one scale, b [N, K] with one for each row, a bias [N] as in `qLinearConv`. */
export const qGemm = (a: Quantized, b: Quantized, bias: Value | undefined): Value =>
  apply1(
    a.values.graph,
    "QGemm",
    [a.values, a.scale, a.zero, b.values, b.scale, b.zero, ...(bias ? [bias] : [])],
    { alpha: 1, transA: 0, transB: 1 },
    { domain: "com.microsoft" },
  );
