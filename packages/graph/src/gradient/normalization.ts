import type { Value } from "../graph.ts";
import { axisOf, integer } from "../infer/inference.ts";
import { sizeOf } from "../make-tensor.ts";
import { add, mul, neg, reciprocal, sqrt, square, sub } from "../ops/elementwise.ts";
import { expand, reshape } from "../ops/movement.ts";
import { reduceMean } from "../ops/reduction.ts";
import type { GradientContext, GradientRule, GradientRules } from "./gradient-rule.ts";
import { groupStatistics } from "./group-statistics.ts";
import { sumOver } from "./unbroadcast.ts";

/**
 * With x̂ = (x - m)·r in each group of L elements: dx = r·(γg - Σγg/L - x̂·Σγgx̂/L), which is g·a + x·b + c with a per
 * channel, b and c per group, so that only two sums over g, P = Σg and Q = Σgx of each channel, are needed.
 */
function grouped({ node, inputs, gradients, needs }: GradientContext, groups: number): readonly (Value | undefined)[] {
  const [x, gamma, g] = [inputs[0]!, inputs[1]!, gradients[0]!];
  const [n, c] = x.shape as [number, number];
  const s = sizeOf(x.shape.slice(2));
  const { mean, scale, count } = groupStatistics(x, groups, integer(node.attributes["epsilon"], 1e-5));
  const cells = [n, groups, c / groups];
  const perChannel = (v: Value) => reshape(sumOver(reshape(v, [n, c, s]), [2]), cells);
  const P = perChannel(g);
  // Σgx̂ of each channel.
  const Q = mul(sub(perChannel(mul(g, x)), mul(mean, P)), scale);
  const weights = reshape(gamma, [1, groups, c / groups]);
  const dx = () => {
    const perGroup = (v: Value) => mul(reshape(sumOver(mul(v, weights), [2]), [n, groups, 1]), 1 / count);
    const b = neg(mul(square(scale), perGroup(Q)));
    const offset = neg(add(mul(scale, perGroup(P)), mul(b, mean)));
    const a = mul(weights, scale);
    const planes = mul(reshape(g, [n, groups, c / groups, s]), reshape(a, [n, groups, c / groups, 1]));
    const line = add(mul(reshape(x, [n, groups, count]), b), offset);
    return reshape(add(reshape(planes, [n, groups, count]), line), x.shape);
  };
  const perParameter = (v: Value) => reshape(sumOver(v, [0]), [c]);
  return [needs[0] ? dx() : undefined, needs[1] ? perParameter(Q) : undefined, needs[2] ? perParameter(P) : undefined];
}

/** With x̂ = (x - m)·r in each row of L elements: dx = r·(γg - Σγg/L - x̂·Σγgx̂/L), and of the statistics dm = 1/L, dr = -r²·x̂/L. */
const layer: GradientRule = ({ node, inputs, gradients, needs }) => {
  const [x, gamma] = [inputs[0]!, inputs[1]!];
  const [g, ofMean, ofScale] = gradients;
  const first = axisOf(integer(node.attributes["axis"], -1), x.shape.length);
  const flat = [sizeOf(x.shape.slice(0, first)), sizeOf(x.shape.slice(first))] as const;
  const mean = (v: Value) => reduceMean(v, { axes: [1], keep: true });
  const rows = reshape(x, flat);
  const centered = sub(rows, mean(rows));
  const r = reciprocal(sqrt(add(mean(square(centered)), integer(node.attributes["epsilon"], 1e-5))));
  const normal = mul(centered, r);
  const upper = g && reshape(g, flat);
  const dx = () => {
    const h = upper && mul(upper, reshape(gamma, [1, flat[1]]));
    const share = (v: Value) => mul(reshape(v, [flat[0], 1]), 1 / flat[1]);
    const parts = [
      h && mul(sub(sub(h, mean(h)), mul(normal, mean(mul(h, normal)))), r),
      ofMean && expand(share(ofMean), flat),
      ofScale && neg(mul(normal, mul(square(r), share(ofScale)))),
    ].filter((part) => part !== undefined);
    return reshape(
      parts.reduce((sum, part) => add(sum, part)),
      x.shape,
    );
  };
  const perParameter = (v: Value) => reshape(sumOver(v, [0]), gamma.shape);
  return [
    needs[0] ? dx() : undefined,
    needs[1] && upper ? perParameter(mul(upper, normal)) : undefined,
    needs[2] && upper ? perParameter(upper) : undefined,
  ];
};

/** Inference form, y = (x - m)·γ·r + β with r = 1/sqrt(v + ε) of running statistics m and v, which are inputs too. */
const batch: GradientRule = ({ node, inputs, gradients, needs }) => {
  const [x, gamma, , mean, variance] = inputs as readonly [Value, Value, Value, Value, Value];
  const g = gradients[0]!;
  const c = x.shape[1]!;
  const perChannel = (v: Value) =>
    sumOver(
      v,
      [...v.shape.keys()].filter((axis) => axis !== 1),
    );
  const r = reciprocal(sqrt(add(variance, integer(node.attributes["epsilon"], 1e-5))));
  const a = mul(gamma, r);
  const wide = (v: Value) => reshape(v, [1, c, ...x.shape.slice(2).map(() => 1)]);
  const P = perChannel(g);
  const Q = needs[1] || needs[4] ? mul(sub(perChannel(mul(g, x)), mul(mean, P)), r) : undefined;
  return [
    needs[0] ? mul(g, wide(a)) : undefined,
    needs[1] ? Q : undefined,
    needs[2] ? P : undefined,
    needs[3] ? neg(mul(a, P)) : undefined,
    needs[4] ? mul(mul(Q!, mul(a, r)), -0.5) : undefined,
  ];
};

export const normalizationRules: GradientRules = {
  GroupNormalization: (context) => grouped(context, integer(context.node.attributes["num_groups"], 1)),
  InstanceNormalization: (context) => grouped(context, context.inputs[0]!.shape[1]!),
  LayerNormalization: layer,
  BatchNormalization: batch,
};
