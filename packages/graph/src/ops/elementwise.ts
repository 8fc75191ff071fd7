import { ProsoponError } from "@prosopon/errors";
import { apply1 } from "../apply.ts";
import { constantOf } from "../constant.ts";
import type { Value } from "../graph.ts";
import { onnxTypes } from "../infer/elementwise.ts";
import type { DType } from "../tensor.ts";

/** A value, or a number that takes the type of the value beside it. At least one operand must be a value. */
export type Operand = Value | number;

function pair(op: string, a: Operand, b: Operand): Value {
  const value = typeof a === "number" ? b : a;
  if (typeof value === "number")
    throw new ProsoponError("bad-graph", `${op} of two numbers: at least one must be a value.`);
  const lift = (x: Operand) => (typeof x === "number" ? constantOf(value.graph, value.dtype, x) : x);
  return apply1(value.graph, op, [lift(a), lift(b)]);
}

const binary = (op: string) => (a: Operand, b: Operand) => pair(op, a, b);
const unary = (op: string) => (x: Value) => apply1(x.graph, op, [x]);

/** Elementwise with numpy broadcasting. */
export const add = binary("Add");
export const sub = binary("Sub");
export const mul = binary("Mul");
export const div = binary("Div");
export const pow = binary("Pow");
export const minimum = binary("Min");
export const maximum = binary("Max");
export const equal = binary("Equal");
export const greater = binary("Greater");
export const greaterOrEqual = binary("GreaterOrEqual");
export const less = binary("Less");
export const lessOrEqual = binary("LessOrEqual");

export const neg = unary("Neg");
export const abs = unary("Abs");
export const exp = unary("Exp");
export const log = unary("Log");
export const sqrt = unary("Sqrt");
export const reciprocal = unary("Reciprocal");
export const sin = unary("Sin");
export const cos = unary("Cos");
export const erf = unary("Erf");
export const tanh = unary("Tanh");
export const sigmoid = unary("Sigmoid");
export const relu = unary("Relu");
export const softplus = unary("Softplus");
export const sign = unary("Sign");
export const floor = unary("Floor");
export const identity = unary("Identity");

/** x². */
export const square = (x: Value): Value => mul(x, x);

/** x·sigmoid(x), also called swish; one fused node of the runtime. */
export const silu = (x: Value): Value => apply1(x.graph, "QuickGelu", [x], { alpha: 1 }, { domain: "com.microsoft" });

/** Exact (erf) GELU; one fused node of the runtime. */
export const gelu = (x: Value): Value => apply1(x.graph, "Gelu", [x], {}, { domain: "com.microsoft" });

export const leakyRelu = (x: Value, alpha = 0.01): Value => apply1(x.graph, "LeakyRelu", [x], { alpha });

/** x where positive, slope·x elsewhere; the slope broadcasts to x. */
export const prelu = (x: Value, slope: Value): Value => apply1(x.graph, "PRelu", [x, slope]);

/** Limits every element to [low, high]; its gradient is 0 outside. */
export const clip = (x: Value, low: number, high: number): Value =>
  apply1(x.graph, "Clip", [x, constantOf(x.graph, x.dtype, low), constantOf(x.graph, x.dtype, high)]);

/** a where the condition (bool) holds, else b. */
export function where(condition: Value, a: Operand, b: Operand): Value {
  const dtype = typeof a !== "number" ? a.dtype : typeof b !== "number" ? b.dtype : "float32";
  const lift = (x: Operand) => (typeof x === "number" ? constantOf(condition.graph, dtype, x) : x);
  return apply1(condition.graph, "Where", [condition, lift(a), lift(b)]);
}

/** Converts the element type; the same value when it has that type already. */
export const cast = (x: Value, dtype: DType): Value =>
  x.dtype === dtype ? x : apply1(x.graph, "Cast", [x], { to: onnxTypes[dtype] });

/** Softmax along an axis (default the last). */
export const softmax = (x: Value, axis = -1): Value => apply1(x.graph, "Softmax", [x], { axis });
export const logSoftmax = (x: Value, axis = -1): Value => apply1(x.graph, "LogSoftmax", [x], { axis });
