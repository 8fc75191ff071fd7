import { apply1 } from "../apply.ts";
import { constantTensor } from "../constant.ts";
import type { Attribute, Value } from "../graph.ts";
import {
  add,
  cast,
  cos,
  div,
  equal,
  erf,
  exp,
  floor,
  greater,
  less,
  log,
  minimum,
  mul,
  neg,
  pow,
  sigmoid,
  sign,
  sin,
  softmax,
  sqrt,
  square,
  sub,
  tanh,
  where,
} from "../ops/elementwise.ts";
import { reduceSum } from "../ops/reduction.ts";
import { binary, type GradientRule, type GradientRules, unary, variadic } from "./gradient-rule.ts";
import { unbroadcast } from "./unbroadcast.ts";

const number = (attribute: Attribute | undefined, fallback: number) =>
  typeof attribute === "number" ? attribute : fallback;
const logical = (op: string, ...inputs: readonly Value[]): Value => apply1(inputs[0]!.graph, op, inputs);
/** 1 where the condition holds, else 0. */
const indicator = (condition: Value, like: Value): Value => cast(condition, like.dtype);
const cosh = (x: Value): Value => apply1(x.graph, "Cosh", [x]);
const sinh = (x: Value): Value => apply1(x.graph, "Sinh", [x]);
const abs = (x: Value): Value => apply1(x.graph, "Abs", [x]);
const softplus = (x: Value): Value => apply1(x.graph, "Softplus", [x]);
const oneMinusSquare = (x: Value): Value => sub(1, square(x));

/** Derivative of x·Φ(x): Φ(x) + x·φ(x). */
const gelu = (g: Value, x: Value): Value => {
  const cdf = mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
  const density = mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return mul(g, add(cdf, mul(x, density)));
};

/** Derivative of GELU's tanh form, 0.5·x·(1 + tanh(u)), u = sqrt(2/π)·(x + 0.044715·x³). */
const geluTanh = (g: Value, x: Value): Value => {
  const k = Math.sqrt(2 / Math.PI);
  const squared = square(x);
  const t = tanh(mul(mul(x, add(mul(squared, 0.044715), 1)), k));
  const slope = mul(add(mul(squared, 3 * 0.044715), 1), k);
  return mul(g, mul(add(add(t, 1), mul(mul(x, slope), oneMinusSquare(t))), 0.5));
};

/** Of equal candidates the first takes the whole gradient. */
const extreme = variadic((g, index, inputs, y) => {
  if (inputs.length === 1) return g;
  const chosen = inputs.slice(0, index + 1).map((x) => equal(x, y));
  const before = chosen.slice(0, index).reduce<Value | undefined>((a, b) => (a ? logical("Or", a, b) : b), undefined);
  const unchosen = before && logical("Not", before);
  const mine =
    index === inputs.length - 1 ? unchosen! : unchosen ? logical("And", chosen[index]!, unchosen) : chosen[index]!;
  return mul(g, indicator(mine, g));
});

const power: GradientRule = ({ inputs, outputs, gradients, needs }) => {
  const [x, exponent, y, g] = [inputs[0]!, inputs[1]!, outputs[0]!, gradients[0]!];
  const found = constantTensor(exponent);
  const fixed = found?.data.length === 1 ? Number(found.data[0]) : undefined;
  const base = () => {
    if (fixed === 2) return mul(g, mul(x, 2));
    if (fixed !== undefined) return mul(g, mul(pow(x, fixed - 1), fixed));
    const e = cast(exponent, x.dtype);
    return mul(g, mul(e, pow(x, sub(e, 1))));
  };
  // y·log x; a base of zero or less has no derivative there, and gets 0.
  const slope = () => mul(g, mul(y, log(where(greater(x, 0), x, 1))));
  return [
    needs[0] ? unbroadcast(base(), x.shape) : undefined,
    needs[1] ? unbroadcast(slope(), exponent.shape) : undefined,
  ];
};

/** fmod: a - b·trunc(a/b). */
const truncated = (a: Value, b: Value): Value => {
  const quotient = div(a, b);
  return mul(sign(quotient), floor(abs(quotient)));
};

export const elementwiseRules: GradientRules = {
  Add: binary(
    (g) => g,
    (g) => g,
  ),
  Sub: binary(
    (g) => g,
    (g) => neg(g),
  ),
  Mul: binary(
    (g, _, b) => mul(g, b),
    (g, a) => mul(g, a),
  ),
  Div: binary(
    (g, _, b) => div(g, b),
    (g, _, b, y) => neg(div(mul(g, y), b)),
  ),
  Mod: binary(
    (g) => g,
    (g, a, b) => neg(mul(g, truncated(a, b))),
  ),
  Pow: power,
  Max: extreme,
  Min: extreme,
  Sum: variadic((g) => g),
  Mean: variadic((g, _, inputs) => mul(g, 1 / inputs.length)),
  PRelu: binary(
    (g, x, slope) => mul(g, where(greater(x, 0), 1, slope)),
    (g, x) => mul(g, minimum(x, 0)),
  ),
  Where: ({ inputs, gradients, needs }) => {
    const [condition, g] = [inputs[0]!, gradients[0]!];
    return [
      undefined,
      needs[1] ? unbroadcast(where(condition, g, 0), inputs[1]!.shape) : undefined,
      needs[2] ? unbroadcast(where(condition, 0, g), inputs[2]!.shape) : undefined,
    ];
  },
  // Inside the limits, borders included, the input passes unchanged; the limits themselves are taken as fixed.
  Clip: unary((g, x, y) => mul(g, indicator(equal(x, y), g))),
  Cast: unary((g, x) => cast(g, x.dtype)),
  Identity: unary((g) => g),
  Dropout: unary((g) => g),
  "prosopon.After": unary((g) => g),
  Abs: unary((g, x) => mul(g, sign(x))),
  Neg: unary((g) => neg(g)),
  Exp: unary((g, _, y) => mul(g, y)),
  Log: unary((g, x) => div(g, x)),
  Sqrt: unary((g, _, y) => div(mul(g, 0.5), y)),
  Reciprocal: unary((g, _, y) => neg(mul(g, square(y)))),
  Erf: unary((g, x) => mul(g, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI)))),
  Sin: unary((g, x) => mul(g, cos(x))),
  Cos: unary((g, x) => neg(mul(g, sin(x)))),
  Tan: unary((g, _, y) => mul(g, add(square(y), 1))),
  Asin: unary((g, x) => div(g, sqrt(oneMinusSquare(x)))),
  Acos: unary((g, x) => neg(div(g, sqrt(oneMinusSquare(x))))),
  Atan: unary((g, x) => div(g, add(square(x), 1))),
  Sinh: unary((g, x) => mul(g, cosh(x))),
  Cosh: unary((g, x) => mul(g, sinh(x))),
  Tanh: unary((g, _, y) => mul(g, oneMinusSquare(y))),
  Sigmoid: unary((g, _, y) => mul(g, mul(y, sub(1, y)))),
  // The output is never negative, so its sign is the indicator of a positive input.
  Relu: unary((g, _, y) => mul(g, sign(y))),
  LeakyRelu: unary((g, x, _, a) => mul(g, where(less(x, 0), number(a["alpha"], 0.01), 1))),
  Elu: unary((g, x, y, a) => mul(g, where(greater(x, 0), 1, add(y, number(a["alpha"], 1))))),
  Selu: unary((g, x, y, a) => {
    const [alpha, gamma] = [number(a["alpha"], 1.6732631921768188), number(a["gamma"], 1.0507010221481323)];
    return mul(g, where(greater(x, 0), gamma, add(y, alpha * gamma)));
  }),
  Celu: unary((g, x, _, a) => mul(g, where(greater(x, 0), 1, exp(mul(x, 1 / number(a["alpha"], 1)))))),
  Softplus: unary((g, x) => mul(g, sigmoid(x))),
  Softsign: unary((g, x) => div(g, square(add(abs(x), 1)))),
  HardSigmoid: unary((g, _, y, a) =>
    mul(mul(g, number(a["alpha"], 0.2)), indicator(logical("And", greater(y, 0), less(y, 1)), g)),
  ),
  HardSwish: unary((g, x) => mul(g, where(greater(x, 3), 1, where(less(x, -3), 0, add(mul(x, 1 / 3), 0.5))))),
  Mish: unary((g, x) => {
    const t = tanh(softplus(x));
    return mul(g, add(t, mul(mul(x, sigmoid(x)), oneMinusSquare(t))));
  }),
  ThresholdedRelu: unary((g, x, _, a) => mul(g, indicator(greater(x, number(a["alpha"], 1)), g))),
  Gelu: unary((g, x, _, a) => (a["approximate"] === "tanh" ? geluTanh(g, x) : gelu(g, x))),
  "com.microsoft.Gelu": unary((g, x) => gelu(g, x)),
  // y = x·s with s = sigmoid(αx); y' = s + α·y·(1 - s).
  "com.microsoft.QuickGelu": unary((g, x, y, a) => {
    const alpha = number(a["alpha"], 1.702);
    const s = sigmoid(alpha === 1 ? x : mul(x, alpha));
    return mul(g, add(s, mul(alpha === 1 ? y : mul(y, alpha), sub(1, s))));
  }),
  Softmax: unary((g, _, y, a) => mul(y, sub(g, reduceSum(mul(g, y), { axes: [number(a["axis"], -1)], keep: true })))),
  LogSoftmax: unary((g, x, _, a) => {
    const axis = number(a["axis"], -1);
    return sub(g, mul(softmax(x, axis), reduceSum(g, { axes: [axis], keep: true })));
  }),
  ...Object.fromEntries(
    "Floor Ceil Round Sign Hardmax Not And Or Xor BitwiseNot Equal Greater GreaterOrEqual Less LessOrEqual IsNaN IsInf prosopon.StopGradient"
      .split(" ")
      .map((name) => [name, "none" as const]),
  ),
};
