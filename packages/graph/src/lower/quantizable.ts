import type { Node, Value } from "../graph.ts";
import { integer } from "../infer/inference.ts";
import { sizeOf } from "../make-tensor.ts";

/** An operator that can be computed in int8. */
export interface Quantizable {
  /** The parameter that its weights are, or are cut from. */
  readonly name: string;
  /** A convolution's result is rounded to uint8 as well, a product's is not. */
  readonly kind: "convolution" | "product";
}

/**
 * Multiplications for each number that is rounded, above which int8 is worth its conversions and its error. Below lie first and last layers and
 * convolutions of one pixel between few channels: they took as long as in float32, and brought most of the error.
 */
const worthRounding = 64;

/** The parameter that a value is, or is a part of. */
function parameterOf(value: Value): Value | undefined {
  if (value.graph.parameters.includes(value)) return value;
  const producer = value.graph.producers.get(value);
  return producer?.op === "Split" ? parameterOf(producer.inputs[0]!) : undefined;
}

/**
 * What int8 makes of a node: of 2-D convolutions in one group and products of rows with a matrix (as `conv` and `linear` build them) whose weights
 * are a parameter, where it pays. The answer depends on the weights' shape alone, never on batch or size of the pictures.
 */
export function quantizable({ op, domain, inputs, attributes }: Node): Quantizable | undefined {
  const [, weights, bias] = inputs;
  const parameter = weights && parameterOf(weights);
  if (domain !== "" || !parameter || weights.dtype !== "float32") return undefined;
  const [outputs, channels] = weights.shape as [number, number];
  if (bias && (!parameterOf(bias) || `${bias.shape}` !== `${[outputs]}`)) return undefined;
  const products = sizeOf(weights.shape);
  const is = (name: string, fallback: number, wanted: number) => integer(attributes[name], fallback) === wanted;
  if (op === "Conv" && weights.shape.length === 4 && is("group", 1, 1))
    return products > worthRounding * (channels + outputs) ? { name: parameter.name, kind: "convolution" } : undefined;
  const rows = is("transA", 0, 0) && is("transB", 0, 1) && is("alpha", 1, 1) && is("beta", 1, 1);
  return op === "Gemm" && rows && products > worthRounding * channels
    ? { name: parameter.name, kind: "product" }
    : undefined;
}
