import { describe, expect, test } from "vitest";
import { gradients } from "../gradient/gradients.ts";
import { stopGradient } from "../gradient/stop-gradient.ts";
import { graph, input, output, parameter, within } from "../graph.ts";
import { add, exp, mul, neg, square } from "../ops/elementwise.ts";
import { reshape, split } from "../ops/movement.ts";
import { groupNormalization } from "../ops/normalization.ts";
import { lower } from "./lower.ts";
import { rewrite } from "./rewrite.ts";

describe("rewrite", () => {
  test("keeps the names of inputs, parameters and outputs, paths, and leaves dead nodes out", () => {
    const g = graph({ name: "net" });
    const x = input(g, "x", "float32", [2, 4]);
    input(g, "unused", "int64", [1]);
    const w = parameter(g, "w", [4]);
    exp(x);
    const y = within(g, "layer", () => mul(x, w));
    output(g, "y", y);
    output(g, "same", x);
    output(g, "part", split(y, [1, 3], 1)[1]!);
    const copy = rewrite(g, () => undefined);
    expect(copy.name).toBe("net");
    expect(copy.inputs.map((v) => v.name)).toEqual(["x", "unused"]);
    expect(copy.parameters.map((v) => v.name)).toEqual(["w"]);
    expect(copy.nodes.map((n) => [n.op, n.path])).toEqual([
      ["Mul", "layer"],
      ["Split", ""],
    ]);
    expect([...copy.outputs].map(([name, v]) => [name, v.shape])).toEqual([
      ["y", [2, 4]],
      ["same", [2, 4]],
      ["part", [2, 3]],
    ]);
    expect(copy.outputs.get("same")).toBe(copy.inputs[0]);
  });

  test("merges nodes that become equal", () => {
    const g = graph();
    const x = input(g, "x", "float32", [2]);
    output(g, "y", add(exp(x), exp(stopGradient(x))));
    expect(g.nodes.map((n) => n.op)).toEqual(["Exp", "StopGradient", "Exp", "Add"]);
    expect(lower(g).nodes.map((n) => n.op)).toEqual(["Exp", "Add"]);
  });

  test("puts what the change gives in a node's place", () => {
    const g = graph();
    output(g, "y", neg(exp(input(g, "x", "float32", [2]))));
    const changed = rewrite(g, (node, inputs) => (node.op === "Exp" ? [neg(inputs[0]!)] : undefined));
    expect(changed.nodes.map((n) => n.op)).toEqual(["Neg", "Neg"]);
  });
});

test.each([
  ["small", [2, 4, 3, 3], "LayerNormalization"],
  ["large", [2, 4, 128, 256], "Sqrt"],
])("a lowered %s group normalisation and its gradient share their statistics", (_, shape, operator) => {
  const g = graph();
  const x = input(g, "x", "float32", shape);
  const y = groupNormalization(x, parameter(g, "a", [4]), parameter(g, "b", [4]), { groups: 2 });
  output(g, "y", y);
  const forward = lower(g).nodes;
  output(g, "dx", gradients(y, [x])[0]!);
  const both = lower(g).nodes;
  const statistics = (nodes: typeof both) => nodes.filter((n) => n.op === operator).length;
  expect(both.some((n) => n.op === "GroupNormalization")).toBe(false);
  expect([statistics(forward), statistics(both)]).toEqual([1, 1]);
});

test("lowering makes one of several reshapes in a row, and none of those that lead back", () => {
  const g = graph();
  const x = input(g, "x", "float32", [2, 6]);
  output(g, "y", reshape(reshape(reshape(square(x), [12]), [4, 3]), [3, 4]));
  output(g, "z", square(reshape(reshape(x, [12]), [2, 6])));
  const lowered = lower(g);
  expect(lowered.nodes.map(({ op }) => op)).toEqual(["Mul", "Reshape"]);
  expect(lowered.outputs.get("z")!.shape).toEqual([2, 6]);
});
