import { ProsoponError } from "@prosopon/errors";
import { apply1 } from "../apply.ts";
import { constantOf } from "../constant.ts";
import type { Graph, Node, Value } from "../graph.ts";
import { abs, cast, div, maximum, mul } from "../ops/elementwise.ts";
import { dequantizeLinear, type Quantized, qGemm, qLinearConv, quantizeLinear } from "../ops/quantization.ts";
import { reduceMax } from "../ops/reduction.ts";
import type { ActivationRange, ActivationRanges, Range } from "./activation-ranges.ts";
import { type Quantizable, quantizable } from "./quantizable.ts";
import { rewrite } from "./rewrite.ts";

/** A bias beyond this many units of the sums would leave int32; below it there is room for the products. */
const largestBias = 2 ** 30;
/** Keeps the scale of weights that are all zero from being zero. */
const leastScale = 2 ** -60;

/** Where uint8 lies on the real numbers: 0 is always met exactly, since convolutions pad with it. */
function places(graph: Graph, [least, most]: Range): Omit<Quantized, "values"> {
  const [low, high] = [Math.min(least, 0), Math.max(most, 0)];
  const scale = Math.max((high - low) / 255, leastScale);
  const zero = Math.min(255, Math.max(0, Math.round(-low / scale)));
  return { scale: constantOf(graph, "float32", scale), zero: constantOf(graph, "uint8", zero) };
}

/** x in uint8; where it was int8's result a moment before, that result itself. */
function quantized(x: Value, range: Range): Quantized {
  const wanted = places(x.graph, range);
  const producer = x.graph.producers.get(x);
  const [values, scale, zero] = producer?.op === "DequantizeLinear" ? producer.inputs : [];
  if (values && scale === wanted.scale && zero === wanted.zero) return { values, ...wanted };
  return quantizeLinear(x, wanted);
}

/**
 * Weights [F, ...] in int8, symmetric with a scale for each of the F results, and their bias in int32. Plain arithmetic on parameters: a runtime
 * that bakes them in computes it once, when it opens the program.
 */
function quantizedWeights(w: Value, bias: Value | undefined, input: Value): { weights: Quantized; bias?: Value } {
  const filters = w.shape[0]!;
  const axes = w.shape.map((_, axis) => axis).slice(1);
  const largest = maximum(div(reduceMax(abs(w), { axes }), 127), leastScale);
  // Where a bias dwarfs its weights, coarser weights keep it in range.
  const scale = bias ? maximum(largest, div(abs(bias), mul(input, largestBias))) : largest;
  const zero = constantOf(w.graph, "int8", new Array<number>(filters).fill(0));
  const weights = quantizeLinear(w, { scale, zero });
  if (!bias) return { weights };
  return { weights, bias: cast(apply1(w.graph, "Round", [div(bias, mul(scale, input))]), "int32") };
}

function rangeOf(ranges: ActivationRanges, { name, kind }: Quantizable): ActivationRange {
  const found = Object.hasOwn(ranges, name) ? ranges[name] : undefined;
  if (found && (kind === "product" || found.output)) return found;
  throw new ProsoponError("not-found", `The activation ranges hold none for "${name}".`, {
    values: { name },
    mend: "Calibrate the model again: its ranges are those of another network.",
  });
}

/** What stands for the result of a node. */
function quantizedNode({ op, attributes }: Node, inputs: Node["inputs"], range: ActivationRange): Value {
  const [x, w, b] = inputs as [Value, Value, Value | undefined];
  const input = quantized(x, range.input);
  const { weights, bias } = quantizedWeights(w, b, input.scale);
  if (op === "Gemm") return qGemm(input, weights, bias);
  return dequantizeLinear(qLinearConv(input, weights, bias, places(x.graph, range.output!), attributes));
}

/**
 * The graph with its wide convolutions and products in int8 (see `quantizable`): activations uint8 with a scale and zero point that the ranges
 * give, weights int8 with a scale for each result, sums in int32. A convolution's result is rounded to uint8 and stands as float32 for whoever
 * follows; a product's leaves its sums as float32 at once. What falls outside of its range is clamped. Parameters stay the float32 ones.
 * @throws `not-found` when the ranges miss an operator.
 */
export function quantize(source: Graph, ranges: ActivationRanges): Graph {
  return rewrite(source, (node, inputs) => {
    const found = quantizable(node);
    return found && [quantizedNode(node, inputs, rangeOf(ranges, found))];
  });
}
