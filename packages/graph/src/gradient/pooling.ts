import { apply, apply1 } from "../apply.ts";
import { constant } from "../constant.ts";
import type { Value } from "../graph.ts";
import { windowOf } from "../infer/convolution.ts";
import { integer, integers } from "../infer/inference.ts";
import { sizeOf, tensor } from "../make-tensor.ts";
import { convTranspose } from "../ops/convolution.ts";
import { abs, cast, div, equal, mul, pow, sign } from "../ops/elementwise.ts";
import { expand, pad, reshape } from "../ops/movement.ts";
import type { GradientContext, GradientRule, GradientRules } from "./gradient-rule.ts";
import { filled, sumOver } from "./unbroadcast.ts";

function slidingOf({ node, inputs }: GradientContext) {
  const spatial = inputs[0]!.shape.slice(2);
  const kernel = integers(node.attributes["kernel_shape"])!;
  const { strides, dilations, pads } = windowOf(node.attributes, spatial, kernel);
  return { spatial, kernel, strides, dilations, pads, n: kernel.length };
}

/** Adds every element of g to all places of the window that it came from. */
function spread(context: GradientContext, g: Value): Value {
  const x = context.inputs[0]!;
  const { spatial, kernel, strides, dilations, pads, n } = slidingOf(context);
  const out = g.shape.slice(2);
  const outer = x.shape[0]! * x.shape[1]!;
  const tiles = kernel.every((k, i) => k === strides[i] && dilations[i] === 1 && out[i]! * k === spatial[i]);
  if (tiles && pads.every((p) => p === 0)) {
    const cells = reshape(g, [outer, ...out.flatMap((d) => [d, 1])]);
    return reshape(expand(cells, [outer, ...out.flatMap((d, i) => [d, kernel[i]!])]), x.shape);
  }
  const ones = constant(g.graph, tensor(g.dtype, [1, 1, ...kernel], new Array<number>(sizeOf(kernel)).fill(1)));
  const whole = convTranspose(reshape(g, [outer, 1, ...out]), ones, undefined, { strides, dilations });
  const begins = pads.slice(0, n).map((p) => -p);
  const ends = spatial.map((d, i) => d - whole.shape[i + 2]! + pads[i]!);
  return reshape(pad(whole, [0, 0, ...begins, 0, 0, ...ends]), x.shape);
}

/** How many elements each window of an average counts. */
function counts(context: GradientContext): readonly number[] {
  const { spatial, kernel, strides, dilations, pads, n } = slidingOf(context);
  const padded = integer(context.node.attributes["count_include_pad"], 0) === 1;
  const along = kernel.map((k, i) =>
    Array.from({ length: context.outputs[0]!.shape[i + 2]! }, (_, o) => {
      const places = Array.from({ length: k }, (_, t) => o * strides[i]! - pads[i]! + t * dilations[i]!);
      const [low, high] = padded ? [-pads[i]!, spatial[i]! + pads[i + n]!] : [0, spatial[i]!];
      return places.filter((p) => p >= low && p < high).length;
    }),
  );
  return along.reduce<readonly number[]>((all, axis) => all.flatMap((a) => axis.map((b) => a * b)), [1]);
}

const average: GradientRule = (context) => {
  const g = context.gradients[0]!;
  const weights = counts(context).map((count) => 1 / count);
  const even = weights.every((w) => w === weights[0]);
  const scaled = even ? mul(g, weights[0]!) : mul(g, constant(g.graph, tensor(g.dtype, g.shape.slice(2), weights)));
  return [spread(context, scaled)];
};

/** The first of equal maxima takes the whole gradient. */
const maximum: GradientRule = ({ node, inputs, gradients }) => {
  const x = inputs[0]!;
  const g = gradients[0]!;
  const [, indices] = apply(x.graph, "MaxPool", [x], { ...node.attributes, storage_order: 0 }, { outputs: 2 });
  const flat = (v: Value) => reshape(v, [sizeOf(v.shape)]);
  const zeros = filled(x.graph, x.dtype, [sizeOf(x.shape)], 0);
  const sums = apply1(x.graph, "ScatterElements", [zeros, flat(indices!), flat(g)], { axis: 0, reduction: "add" });
  return [reshape(sums, x.shape)];
};

export const poolingRules: GradientRules = {
  AveragePool: average,
  MaxPool: maximum,
  // y = (Σ|x|^p)^(1/p): dx = sign(x)·|x|^(p-1)·y^(1-p).
  LpPool: (context) => {
    const [x, y, g] = [context.inputs[0]!, context.outputs[0]!, context.gradients[0]!];
    const p = integer(context.node.attributes["p"], 2);
    const outer = spread(context, p === 1 ? g : mul(g, pow(y, 1 - p)));
    return [mul(outer, p === 1 ? sign(x) : p === 2 ? x : mul(sign(x), pow(abs(x), p - 1)))];
  },
  GlobalAveragePool: ({ inputs, gradients }) => {
    const { shape } = inputs[0]!;
    return [expand(mul(gradients[0]!, 1 / sizeOf(shape.slice(2))), shape)];
  },
  // Equal maxima share the gradient.
  GlobalMaxPool: ({ inputs, outputs, gradients }) => {
    const [x, y, g] = [inputs[0]!, outputs[0]!, gradients[0]!];
    const mask = cast(equal(x, y), x.dtype);
    const ties = reshape(sumOver(mask, [...x.shape.keys()].slice(2)), g.shape);
    return [mul(mask, div(g, ties))];
  },
};
