import type { Value } from "../graph.ts";
import { windowOf } from "../infer/convolution.ts";
import { integer, integers } from "../infer/inference.ts";
import { conv } from "../ops/convolution.ts";
import { reshape } from "../ops/movement.ts";
import { convolutionInputGradient } from "./convolution-input.ts";
import { convolutionWeightGradient } from "./convolution-weight.ts";
import type { GradientContext, GradientRule, GradientRules } from "./gradient-rule.ts";
import { sumOver } from "./unbroadcast.ts";

/** How the kernel slides over the larger of the two sides of a convolution; `pads` are the begin ones, `ends` the others. */
export interface Sliding {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
  readonly ends: readonly number[];
  readonly groups: number;
}

function slidingOf({ node, inputs }: GradientContext): Sliding {
  const kernel = inputs[1]!.shape.slice(2);
  const { strides, dilations, pads } = windowOf(node.attributes, inputs[0]!.shape.slice(2), kernel);
  const n = kernel.length;
  const groups = integer(node.attributes["group"], 1);
  return { kernel, strides, dilations, pads: pads.slice(0, n), ends: pads.slice(n), groups };
}

const biasGradient = (g: Value): Value =>
  sumOver(
    g,
    [...g.shape.keys()].filter((axis) => axis !== 1),
  );

const convolution: GradientRule = (context) => {
  const { inputs, gradients, needs } = context;
  const [x, w, g] = [inputs[0]!, inputs[1]!, gradients[0]!];
  const sliding = slidingOf(context);
  return [
    needs[0] ? convolutionInputGradient(g, w, x.shape, sliding) : undefined,
    needs[1] ? reshape(convolutionWeightGradient(x, g, sliding), w.shape) : undefined,
    needs[2] ? biasGradient(g) : undefined,
  ];
};

/** The paddings of a transposed convolution, which an explicit output shape or an automatic mode may leave open. */
function transposedSliding(context: GradientContext): Sliding {
  const { node, inputs, outputs } = context;
  const plain = slidingOf(context);
  const mode = node.attributes["auto_pad"] ?? "NOTSET";
  if (!integers(node.attributes["output_shape"]) && (mode === "NOTSET" || mode === "VALID")) return plain;
  const extra = integers(node.attributes["output_padding"]) ?? plain.kernel.map(() => 0);
  const totals = plain.kernel.map(
    (k, i) =>
      (inputs[0]!.shape[i + 2]! - 1) * plain.strides[i]! +
      (k - 1) * plain.dilations[i]! +
      1 +
      extra[i]! -
      outputs[0]!.shape[i + 2]!,
  );
  const less = totals.map((t) => Math.floor(t / 2));
  const more = totals.map((t, i) => t - less[i]!);
  return mode === "SAME_UPPER" ? { ...plain, pads: less, ends: more } : { ...plain, pads: more, ends: less };
}

const transposed: GradientRule = (context) => {
  const { inputs, gradients, needs } = context;
  const [x, w, g] = [inputs[0]!, inputs[1]!, gradients[0]!];
  const sliding = transposedSliding(context);
  const { strides, dilations, pads, ends, groups } = sliding;
  return [
    needs[0] ? conv(g, w, undefined, { strides, dilations, pads: [...pads, ...ends], groups }) : undefined,
    needs[1] ? reshape(convolutionWeightGradient(g, x, sliding), w.shape) : undefined,
    needs[2] ? biasGradient(g) : undefined,
  ];
};

export const convolutionRules: GradientRules = { Conv: convolution, ConvTranspose: transposed };
