import fc from "fast-check";
import { expect, test } from "vitest";
import { apply1 } from "../apply.ts";
import { constant, constantOf, tensorKey } from "../constant.ts";
import { encodeModel } from "../encode/encode-model.ts";
import { type Graph, graph, input, type Node, output, parameter, type Value, within } from "../graph.ts";
import { tensor } from "../make-tensor.ts";
import { conv, maxPool } from "../ops/convolution.ts";
import { add, cast, clip, gelu, leakyRelu, mul, silu, softmax, sub, where } from "../ops/elementwise.ts";
import { fusedMatMul } from "../ops/matrix.ts";
import { concat, pad, reshape, slice, split, transpose } from "../ops/movement.ts";
import { layerNormalization } from "../ops/normalization.ts";
import { reduceMean, reduceSum, topK } from "../ops/reduction.ts";
import { prune } from "../prune.ts";
import { decodeModel } from "./decode-model.ts";

/** Every value here is float32 [2, 4, 4, 4], so that any step can follow any other. */
const shape = [2, 4, 4, 4];

const steps: readonly ((x: Value, y: Value, g: Graph, i: number) => Value)[] = [
  (x, y) => add(x, y),
  (x, y) => mul(x, y),
  (x) => sub(1.5, x),
  (x) => silu(x),
  (x) => gelu(x),
  (x) => leakyRelu(x, 0.1),
  (x) => clip(x, -1, 0.3),
  (x) => softmax(x, 1),
  (x) => transpose(x, [0, 3, 1, 2]),
  // Turned and bent, since encoding makes one of several reshapes in a row.
  (x) => gelu(reshape(transpose(reshape(x, [8, 16]), [1, 0]), shape)),
  (x) => add(x, reduceSum(x, { axes: [1], keep: true })),
  (x, y) => mul(x, reduceMean(y)),
  (x, y) => fusedMatMul(x, y, { transB: true, alpha: 0.25 }),
  (x, y) => concat([slice(x, { axis: 1, start: 0, end: 2 }), slice(y, { axis: 1, start: 2 })], 1),
  (x) => concat([...split(x, [1, 3], 2)].reverse(), 2),
  (x) => maxPool(pad(x, [0, 0, 1, 1, 0, 0, 0, 0], -1), { kernel: [2, 2], strides: [1, 1] }),
  (x, y) => where(apply1(x.graph, "Greater", [x, y]), x, 0.5),
  (x) => cast(cast(x, "float16"), "float32"),
  (x, _, g) => add(x, constant(g, tensor("float32", [4], [1e-5, -0, Number.POSITIVE_INFINITY, 0.1]))),
  (x, _, g, i) => conv(x, parameter(g, `w${i}`, [4, 2, 3, 3]), undefined, { pads: [1, 1, 1, 1], groups: 2 }),
  (x, _, g, i) => layerNormalization(x, parameter(g, `s${i}`, [4]), constantOf(g, "float32", [1, 2, 3, 4])),
  (x) => apply1(x.graph, "Resize", [topK(x, 4, -1).values, undefined, constantOf(x.graph, "float32", [1, 1, 1, 1])]),
];

const plans = fc.array(
  fc.record({ step: fc.nat(steps.length - 1), x: fc.nat(20), y: fc.nat(20), path: fc.constantFrom("", "a", "a/b") }),
  { minLength: 1, maxLength: 12 },
);

function build(plan: readonly { step: number; x: number; y: number; path: string }[]): Graph {
  const g = graph({ name: "random" });
  const values = [input(g, "p", "float32", shape), input(g, "q", "float32", shape)];
  plan.forEach(({ step, x, y, path }, i) => {
    const make = () => steps[step]!(values[x % values.length]!, values[y % values.length]!, g, i);
    values.push(path ? within(g, path, make) : make());
  });
  const last = values.at(-1)!;
  output(g, "last", last);
  if (g.producers.has(values[2]!)) output(g, "other", values[2]!);
  return g;
}

/** All that matters of a graph, with nodes in the order in which the outputs reach them and values numbered, not named. */
function structure(g: Graph): unknown {
  const numbers = new Map<Value, string>();
  const nodes: unknown[] = [];
  const number = (v: Value) => numbers.set(v, `${numbers.size}: ${v.dtype}[${v.shape}]`);
  for (const v of [...g.inputs, ...g.parameters]) number(v);
  const of = (v: Value | undefined): string | undefined => {
    if (!v) return undefined;
    const t = g.constants.get(v);
    if (t) return `constant ${tensorKey(t)}`;
    if (!numbers.has(v)) visit(g.producers.get(v)!);
    return numbers.get(v);
  };
  const visit = (n: Node) => {
    const inputs = n.inputs.slice(0, n.inputs.findLastIndex((v) => v !== undefined) + 1).map(of);
    n.outputs.forEach(number);
    const attributes = Object.entries(n.attributes).sort(([a], [b]) => (a < b ? -1 : 1));
    nodes.push([n.domain, n.op, n.path, inputs, attributes, n.outputs.map(of)]);
  };
  const outputs = Array.from(g.outputs, ([name, v]) => [name, of(v)]).sort();
  return {
    declared: [...g.inputs, ...g.parameters].map((v) => [v.name, of(v)]),
    nodes,
    outputs,
    count: g.nodes.length,
  };
}

test("encoding and decoding gives the graph back, and the same bytes again", () => {
  const used = new Set<number>();
  fc.assert(
    fc.property(plans, (plan) => {
      const g = build(plan);
      for (const { step } of plan) used.add(step);
      const bytes = encodeModel(g);
      const back = decodeModel(bytes);
      prune(g);
      // Parameters are inputs in the file, so that they come back as inputs.
      g.inputs.push(...g.parameters.splice(0));
      expect(structure(back)).toEqual(structure(g));
      expect(encodeModel(back)).toEqual(bytes);
    }),
    { numRuns: 100, seed: 3 },
  );
  expect(used.size).toBe(steps.length);
});

test("control: the structure tells graphs apart", () => {
  const a = build([{ step: 0, x: 0, y: 1, path: "" }]);
  const b = build([{ step: 0, x: 1, y: 0, path: "" }]);
  const c = build([{ step: 5, x: 0, y: 0, path: "" }]);
  expect(structure(a)).not.toEqual(structure(b));
  expect(structure(a)).not.toEqual(structure(c));
});
