import { isProsoponError } from "@prosopon/errors";
import { expect, test } from "vitest";
import { apply, apply1 } from "./apply.ts";
import { constantOf } from "./constant.ts";
import { graph, input, within } from "./graph.ts";
import { add, exp, mul } from "./ops/elementwise.ts";

test("equal nodes are built once, unless a fresh one is asked for", () => {
  const g = graph();
  const x = input(g, "x", "float32", [2]);
  expect(mul(exp(x), 2)).toBe(mul(exp(x), 2));
  expect(g.nodes).toHaveLength(2);
  expect(exp(x)).not.toBe(apply1(g, "Exp", [x], {}, { fresh: true }));
  expect(exp(x)).toBe(exp(x));
});

test("nodes that differ in an input, an attribute or the domain are different", () => {
  const g = graph();
  const x = input(g, "x", "float32", [2, 2]);
  const made = [
    apply1(g, "Softmax", [x], { axis: 0 }),
    apply1(g, "Softmax", [x], { axis: 1 }),
    apply1(g, "Gelu", [x]),
    apply1(g, "Gelu", [x], {}, { domain: "com.microsoft" }),
    add(x, 0),
    add(x, -0),
  ];
  expect(new Set(made).size).toBe(made.length);
});

test("errors name the operator, the path and the inputs, and carry them as data", () => {
  const g = graph();
  const a = input(g, "a", "float32", [2, 3]);
  const b = input(g, "b", "float32", [4]);
  const build = () => within(g, "unet", () => within(g, "block.1", () => add(a, b)));
  expect(build).toThrow("Add at unet/block.1 (a: float32[2,3], b: float32[4]): shapes [2,3] and [4] do not broadcast.");
  try {
    build();
  } catch (error) {
    expect(isProsoponError(error) && [error.code, error.values["op"], error.values["path"]]).toEqual([
      "bad-graph",
      "Add",
      "unet/block.1",
    ]);
  }
  expect(g.nodes).toHaveLength(0);
  expect(g.path).toEqual([]);
});

test("an unknown operator and a foreign value are refused", () => {
  const g = graph();
  const x = input(g, "x", "float32", [2]);
  expect(() => apply(g, "Frobnicate", [x])).toThrow(/no shape inference is known for this operator/);
  const other = input(graph(), "y", "float32", [2]);
  expect(() => apply(g, "Add", [x, other])).toThrow(/"y" belongs to another graph/);
});

test("a shape that cannot be is refused, even where inference lets it pass", () => {
  const g = graph();
  const x = input(g, "x", "float32", [1, 3, 2, 2]);
  expect(() => apply(g, "DepthToSpace", [x], { blocksize: 2 })).toThrow(/output would have the shape \[1,0.75,4,4\]/);
  const pads = constantOf(g, "int64", [0, 0, -9, 0, 0, 0, 0, 0]);
  expect(() => apply(g, "Pad", [x, pads])).toThrow(/output would have the shape \[1,3,-7,2\]/);
});
