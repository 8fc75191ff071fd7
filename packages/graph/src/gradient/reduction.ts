import { apply1 } from "../apply.ts";
import { constantNumbers } from "../constant.ts";
import type { Attribute, Node, Value } from "../graph.ts";
import { axisOf, integer, integers } from "../infer/inference.ts";
import { sizeOf } from "../make-tensor.ts";
import { cast, div, equal, exp, mul, neg, sign, sub } from "../ops/elementwise.ts";
import { expand, reshape } from "../ops/movement.ts";
import type { GradientRule, GradientRules } from "./gradient-rule.ts";
import { filled, sumOver } from "./unbroadcast.ts";

/** The axes that a reduction sums over, and the shape of its result with them kept as 1. */
function reduced(node: Node): { readonly axes: readonly number[]; readonly kept: readonly number[] } {
  const { shape } = node.inputs[0]!;
  const given = constantNumbers(node.inputs[1]) ?? integers(node.attributes["axes"]);
  const none = !given?.length && integer(node.attributes["noop_with_empty_axes"], 0) === 1;
  const axes = given?.length ? given.map((a) => axisOf(a, shape.length)) : none ? [] : [...shape.keys()];
  return { axes, kept: shape.map((d, i) => (axes.includes(i) ? 1 : d)) };
}

/** Rule of a reduction: `g` and `y` come with the reduced axes kept, so that they broadcast to x; `count` elements make one. */
const reduction =
  (derive: (g: Value, x: Value, y: Value, axes: readonly number[], count: number) => Value): GradientRule =>
  ({ node, inputs, outputs, gradients }) => {
    const { axes, kept } = reduced(node);
    const x = inputs[0]!;
    const count = sizeOf(axes.map((axis) => x.shape[axis]!));
    const part = derive(reshape(gradients[0]!, kept), x, reshape(outputs[0]!, kept), axes, count);
    return [expand(part, x.shape)];
  };

/** Equal extremes share the gradient. */
const extreme = reduction((g, x, y, axes) => {
  const mask = cast(equal(x, y), x.dtype);
  return mul(mask, div(g, reshape(sumOver(mask, axes), g.shape)));
});

const flip = (attribute: Attribute | undefined): number => 1 - integer(attribute, 0);

export const reductionRules: GradientRules = {
  ReduceSum: reduction((g) => g),
  ReduceMean: reduction((g, _x, _y, _axes, count) => mul(g, 1 / count)),
  ReduceMax: extreme,
  ReduceMin: extreme,
  // Undefined (0/0) where an element is zero.
  ReduceProd: reduction((g, x, y) => div(mul(g, y), x)),
  ReduceL1: reduction((g, x) => mul(sign(x), g)),
  ReduceL2: reduction((g, x, y) => mul(x, div(g, y))),
  ReduceSumSquare: reduction((g, x) => mul(x, mul(g, 2))),
  ReduceLogSum: reduction((g, _, y) => mul(g, exp(neg(y)))),
  ReduceLogSumExp: reduction((g, x, y) => mul(exp(sub(x, y)), g)),
  CumSum: ({ node, inputs, gradients }) => [
    apply1(inputs[0]!.graph, "CumSum", [gradients[0]!, inputs[1]!], {
      exclusive: integer(node.attributes["exclusive"], 0),
      reverse: flip(node.attributes["reverse"]),
    }),
  ],
  ArgMin: "none",
  ArgMax: "none",
  // The values pass their gradient to where they were found; the indices have none.
  TopK: ({ node, inputs, outputs, gradients }) => {
    const x = inputs[0]!;
    const zeros = filled(x.graph, x.dtype, x.shape, 0);
    const axis = integer(node.attributes["axis"], -1);
    return gradients[0] ? [apply1(x.graph, "ScatterElements", [zeros, outputs[1]!, gradients[0]], { axis })] : [];
  },
};
