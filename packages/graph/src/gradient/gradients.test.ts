import { describe, expect, test } from "vitest";
import { apply, apply1 } from "../apply.ts";
import { constant, constantTensor } from "../constant.ts";
import { graph, input, output, parameter, type Value, within } from "../graph.ts";
import { liveNodes } from "../live-nodes.ts";
import { tensor } from "../make-tensor.ts";
import { add, cast, mul, square, sub } from "../ops/elementwise.ts";
import { matMul } from "../ops/matrix.ts";
import { gather, reshape } from "../ops/movement.ts";
import { argMin, reduceSum } from "../ops/reduction.ts";
import { gradients } from "./gradients.ts";
import { stopGradient } from "./stop-gradient.ts";

const zero = (value: Value): boolean => {
  const found = constantTensor(value);
  return found !== undefined && Array.from(found.data as ArrayLike<number | bigint>, Number).every((v) => v === 0);
};

describe("gradients", () => {
  test("have the shapes of their values and extend the same graph", () => {
    const g = graph();
    const x = input(g, "x", "float32", [4, 3]);
    const w = parameter(g, "w", [3, 2]);
    const b = parameter(g, "b", [2]);
    const found = gradients(reduceSum(add(matMul(x, w), b)), [w, b, x]);
    expect(found.map((v) => v.shape)).toEqual([[3, 2], [2], [4, 3]]);
    expect(found.every((v) => v.graph === g)).toBe(true);
  });

  test("build nothing for inputs that lead to no wanted value", () => {
    const g = graph();
    const [x, w, v] = [input(g, "x", "float32", [4, 3]), parameter(g, "w", [3, 3]), parameter(g, "v", [3, 2])];
    const loss = reduceSum(matMul(matMul(x, w), v));
    output(g, "dv", gradients(loss, [v])[0]!);
    // x·w, its product with the seed, and the seed itself: neither dw nor dx.
    expect(g.nodes.filter((node) => /MatMul/.test(node.op))).toHaveLength(3);
    expect(liveNodes(g).filter((node) => /MatMul/.test(node.op))).toHaveLength(2);
  });

  test("are zeros where the loss does not depend on the value", () => {
    const g = graph();
    const [x, y] = [input(g, "x", "float32", [2]), input(g, "y", "float32", [2, 3])];
    const [dx, dy, dz] = gradients(reduceSum(x), [x, y, cast(argMin(y, 0, true), "float32")]);
    expect(dx!.shape).toEqual([2]);
    expect(dy!.shape).toEqual([2, 3]);
    expect(dz!.shape).toEqual([1, 3]);
    expect(zero(dy!)).toBe(true);
  });

  test("reach a value between two reshapes", () => {
    const g = graph();
    const between = reshape(input(g, "x", "float32", [6]), [2, 3]);
    const [found] = gradients(reduceSum(square(reshape(between, [3, 2]))), [between]);
    expect(found!.shape).toEqual([2, 3]);
    expect(zero(found!)).toBe(false);
  });

  test("do not pass a stopGradient, nor an operator that has none", () => {
    const g = graph();
    const x = input(g, "x", "float32", [3]);
    const table = parameter(g, "table", [4, 3]);
    const nearest = gather(table, argMin(reduceSum(square(sub(table, x)), { axes: [1] }), 0));
    const straight = add(x, stopGradient(sub(nearest, x)));
    const [dx, dTable] = gradients(reduceSum(straight), [x, table]);
    expect(zero(dTable!)).toBe(true);
    expect(gradients(reduceSum(x), [x])[0] === dx).toBe(true);
  });

  test("of an intermediate value are taken where it stands", () => {
    const g = graph();
    const x = input(g, "x", "float32", [3]);
    const y = mul(x, 2);
    const seed = input(g, "seed", "float32", [3]);
    expect(gradients(y, [y], { seed })[0]).toBe(seed);
    expect(gradients(y, [x], { seed })[0]!.shape).toEqual([3]);
  });

  test("name the operator without a rule and where it stands", () => {
    const g = graph();
    const x = input(g, "x", "float32", [3]);
    const y = within(g, "unet/middle", () => apply1(g, "Identity", [x]));
    const node = g.nodes[0]!;
    g.nodes[0] = { ...node, op: "Unheard" };
    g.producers.set(y, g.nodes[0]);
    expect(() => gradients(reduceSum(y), [x])).toThrow(/No gradient rule is known for Unheard at unet\/middle/);
  });

  test.each(["ScatterElements", "ScatterND"])("name a reduction of %s that has none", (op) => {
    const build = (reduction: string) => {
      const g = graph();
      const x = input(g, "x", "float32", [3]);
      const places = constant(g, tensor("int64", op === "ScatterND" ? [2, 1] : [2], [0, 2]));
      const y = within(g, "net/places", () => apply1(g, op, [x, places, input(g, "u", "float32", [2])], { reduction }));
      return gradients(reduceSum(y), [x]);
    };
    for (const reduction of ["max", "min", "mul"])
      expect(() => build(reduction)).toThrow(`${op} with reduction "${reduction}" at net/places`);
    for (const reduction of ["none", "add"]) expect(build(reduction)[0]!.shape).toEqual([3]);
  });

  test("refuse integers, foreign values and a seed that does not fit", () => {
    const g = graph();
    const [x, i] = [input(g, "x", "float32", [3]), input(g, "i", "int64", [3])];
    const other = input(graph(), "x", "float32", [3]);
    expect(() => gradients(x, [i])).toThrow(/"i" \(int64\)/);
    expect(() => gradients(x, [other])).toThrow(/cannot take part/);
    expect(() => gradients(x, [x], { seed: input(g, "s", "float32", [2]) })).toThrow(/seed \[2\]/);
  });

  test("stand under the path of the node that they come from", () => {
    const g = graph();
    const x = input(g, "x", "float32", [3]);
    const y = within(g, "a/b", () => apply(g, "Exp", [x])[0]!);
    gradients(y, [x]);
    expect(g.nodes.at(-1)!.path).toBe("gradient/a/b");
  });
});
