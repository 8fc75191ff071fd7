import { typeOfNumber } from "../infer/elementwise.ts";
import type { DType } from "../tensor.ts";
import { type Element, type Folding, spread } from "./folding.ts";

const bits: Partial<Record<DType, number>> = { int64: 64, int32: 32, int16: 16, int8: 8 };

/** The nearest value of a type, as two's complement or float arithmetic has it; undefined for types that are not folded. */
function fit(dtype: DType, value: Element): Element | undefined {
  if (dtype === "int64") return BigInt.asIntN(64, value as bigint);
  if (dtype === "float32") return Math.fround(value as number);
  if (dtype === "float64" || dtype === "bool") return value;
  if (dtype === "uint8") return Number(BigInt.asUintN(8, BigInt(value)));
  const width = bits[dtype];
  return width ? Number(BigInt.asIntN(width, BigInt(value))) : undefined;
}

const isFloat = (dtype: DType) => dtype === "float32" || dtype === "float64";

/** Result of one element; undefined gives up the folding. Bigints pass here too: the same operators compute with them. */
type Arithmetic = (a: number, b: number, dtype: DType) => Element | boolean | undefined;

const truncated = (a: Element, b: Element, dtype: DType): Element | undefined => {
  if (typeof a === "bigint" || typeof b === "bigint") return b === 0n ? undefined : (a as bigint) / (b as bigint);
  if (isFloat(dtype)) return a / b;
  return b === 0 ? undefined : Math.trunc(a / b);
};

const modulo = (a: Element, b: Element, dtype: DType): Element | undefined => {
  if (isFloat(dtype) || b === 0 || b === 0n) return undefined;
  if (typeof a === "bigint" || typeof b === "bigint") {
    const rest = (a as bigint) % (b as bigint);
    return rest !== 0n && rest < 0n !== (b as bigint) < 0n ? rest + (b as bigint) : rest;
  }
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
};

const binary =
  (f: Arithmetic): Folding =>
  ({ tensors, inferred, attributes }) => {
    const [first, ...rest] = tensors;
    const { dtype, shape } = inferred[0]!;
    if (!first || attributes["fmod"] === 1) return undefined;
    let values = spread(first, shape);
    for (const t of rest) {
      if (!t || t.dtype === "float16" || first.dtype === "float16") return undefined;
      const right = spread(t, shape);
      const out: Element[] = [];
      for (let i = 0; i < right.length; i++) {
        const result = f(values[i] as number, right[i] as number, t.dtype);
        if (result === undefined) return undefined;
        const fitted = fit(dtype, typeof result === "boolean" ? Number(result) : result);
        if (fitted === undefined) return undefined;
        out.push(fitted);
      }
      values = out;
    }
    return [values];
  };

const unary =
  (f: (a: Element, dtype: DType) => Element | undefined): Folding =>
  ({ tensors: [x], inferred }) => {
    if (!x || x.dtype === "float16") return undefined;
    const out: Element[] = [];
    for (const a of x.data as Iterable<Element>) {
      const result = f(a, x.dtype);
      const fitted = result === undefined ? undefined : fit(inferred[0]!.dtype, result);
      if (fitted === undefined) return undefined;
      out.push(fitted);
    }
    return [out];
  };

const numeric = (f: (a: number) => number) =>
  unary((a, dtype) => (typeof a === "number" && isFloat(dtype) ? f(a) : undefined));

/** To the nearest whole number, halves to the even one; what rounds to 0 keeps its sign. */
const rounded = (a: number): number => {
  const low = Math.floor(a);
  const part = a - low;
  const up = part > 0.5 || (part === 0.5 && low % 2 !== 0);
  return up ? Math.ceil(a) : low;
};

const cast: Folding = (context) => {
  const to = typeOfNumber(context.attributes["to"] as number);
  if (to === "float16") return undefined;
  return unary((a, from) => {
    if (to === "bool") return a ? 1 : 0;
    if (isFloat(to)) return typeof a === "bigint" && !Number.isSafeInteger(Number(a)) ? undefined : Number(a);
    if (!isFloat(from)) return to === "int64" ? BigInt(a) : a;
    // Outside the range of the integers the runtime's result is undefined.
    const whole = Math.trunc(a as number);
    const limit = to === "uint8" ? 8 : (bits[to] ?? 0) - 1;
    if (!(Math.abs(whole) < 2 ** limit) || (to === "uint8" && whole < 0)) return undefined;
    return to === "int64" ? BigInt(whole) : whole;
  })(context);
};

const where: Folding = ({ tensors: [condition, a, b], inferred }) => {
  if (!condition || !a || !b) return undefined;
  const { shape } = inferred[0]!;
  const [which, left, right] = [spread(condition, shape), spread(a, shape), spread(b, shape)];
  return [Array.from({ length: which.length }, (_, i) => (which[i] ? left[i]! : right[i]!))];
};

const unordered = (a: Element, b: Element) => Number.isNaN(a) || Number.isNaN(b);

export const elementwiseFoldings: Readonly<Record<string, Folding>> = {
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  // A product of two 32-bit integers can pass 2^53, so it is taken exactly.
  Mul: binary((a, b, dtype) => (dtype === "int64" || isFloat(dtype) ? a * b : BigInt(a) * BigInt(b))),
  Div: binary(truncated),
  Mod: binary(modulo),
  Min: binary((a, b) => (unordered(a, b) ? undefined : a < b ? a : b)),
  Max: binary((a, b) => (unordered(a, b) ? undefined : a > b ? a : b)),
  And: binary((a, b) => Boolean(a && b)),
  Or: binary((a, b) => Boolean(a || b)),
  Xor: binary((a, b) => Boolean(a) !== Boolean(b)),
  Equal: binary((a, b) => a === b),
  Greater: binary((a, b) => a > b),
  GreaterOrEqual: binary((a, b) => a >= b),
  Less: binary((a, b) => a < b),
  LessOrEqual: binary((a, b) => a <= b),
  Neg: unary((a) => -a),
  Abs: unary((a) => (a < 0 ? -a : typeof a === "number" ? Math.abs(a) : a)),
  Sign: unary((a) => (typeof a === "bigint" ? (a > 0n ? 1n : a < 0n ? -1n : 0n) : Math.sign(a))),
  Not: unary((a) => (a ? 0 : 1)),
  Floor: numeric(Math.floor),
  Ceil: numeric(Math.ceil),
  Round: numeric(rounded),
  Sqrt: numeric(Math.sqrt),
  Reciprocal: numeric((a) => 1 / a),
  Cast: cast,
  Where: where,
};
