import { type Graph, output, type Value } from "../graph.ts";
import { liveNodes } from "../live-nodes.ts";
import { maximum, minimum } from "../ops/elementwise.ts";
import { concat, reshape } from "../ops/movement.ts";
import { reduceMax, reduceMin } from "../ops/reduction.ts";
import type { ActivationRange, ActivationRanges, Range } from "./activation-ranges.ts";
import { quantizable } from "./quantizable.ts";
import { rewrite } from "./rewrite.ts";

const prefix = "range/";

/** Least and largest element of all the values, [2]. */
function extremes(values: readonly Value[]): Value {
  const each = (reduce: typeof reduceMin, join: typeof minimum) =>
    reshape(
      values.map((x) => reduce(x)).reduce((a, b) => join(a, b)),
      [1],
    );
  return concat([each(reduceMin, minimum), each(reduceMax, maximum)], 0);
}

/** The graph with outputs more, one for each set of weights that `quantize` would round, that tell the range of what meets them. */
export function observeRanges(source: Graph): Graph {
  const observed = rewrite(source, () => undefined);
  const seen = new Map<string, { readonly inputs: Set<Value>; readonly outputs: Set<Value> }>();
  for (const node of liveNodes(observed)) {
    const found = quantizable(node);
    if (!found) continue;
    const { inputs, outputs } = seen.get(found.name) ?? { inputs: new Set(), outputs: new Set() };
    inputs.add(node.inputs[0]!);
    if (found.kind === "convolution") outputs.add(node.outputs[0]!);
    seen.set(found.name, { inputs, outputs });
  }
  for (const [name, { inputs, outputs }] of seen) {
    const ranges = [inputs, outputs].filter(({ size }) => size > 0).map((values) => extremes([...values]));
    output(observed, `${prefix}${name}`, concat(ranges, 0));
  }
  return observed;
}

/** The ranges among the outputs of a run of such a graph; its other outputs are passed over. */
export function observedRanges(outputs: Readonly<Record<string, object>>): ActivationRanges {
  const ranges: Record<string, ActivationRange> = {};
  for (const [name, value] of Object.entries(outputs)) {
    if (!name.startsWith(prefix) || !("data" in value)) continue;
    const [least, most, ...result] = Array.from(value.data as Float32Array) as [number, number, ...number[]];
    ranges[name.slice(prefix.length)] = {
      input: [least, most],
      ...(result.length === 2 ? { output: result as unknown as Range } : {}),
    };
  }
  return ranges;
}
