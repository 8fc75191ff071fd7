import { expect, test } from "vitest";
import { countOperations } from "./count-operations.ts";
import { graph, input, output, parameter, type Value } from "./graph.ts";
import { conv, convTranspose } from "./ops/convolution.ts";
import { add, exp } from "./ops/elementwise.ts";
import { fusedMatMul, gemm, matMul } from "./ops/matrix.ts";
import { reshape } from "./ops/movement.ts";
import { reduceSum } from "./ops/reduction.ts";

function cost(build: (x: Value) => Value, shape: readonly number[] = [2, 4, 8, 8]): number {
  const g = graph();
  output(g, "y", build(input(g, "x", "float32", shape)));
  return countOperations(g).total;
}

test("a multiplication with its addition is two operations", () => {
  const p = (x: Value, ...shape: readonly number[]) => parameter(x.graph, "w", shape);
  // 2·N·F·H'·W'·(C/groups)·kh·kw
  expect(cost((x) => conv(x, p(x, 6, 4, 3, 3)))).toBe(2 * 2 * 6 * 6 * 6 * 4 * 9);
  expect(cost((x) => conv(x, p(x, 4, 1, 3, 3), undefined, { groups: 4, pads: [1, 1, 1, 1] }))).toBe(
    2 * 2 * 4 * 8 * 8 * 9,
  );
  // Every input element meets every weight of its channel.
  expect(cost((x) => convTranspose(x, p(x, 4, 3, 2, 2), undefined, { strides: [2, 2] }))).toBe(2 * 2 * 4 * 64 * 3 * 4);
  expect(cost((x) => matMul(x, p(x, 5, 7)), [3, 5])).toBe(2 * 3 * 5 * 7);
  expect(cost((x) => fusedMatMul(x, p(x, 5, 7), { transA: true }), [5, 3])).toBe(2 * 3 * 5 * 7);
  expect(cost((x) => gemm(x, p(x, 7, 5), undefined, { transB: true }), [3, 5])).toBe(2 * 3 * 5 * 7);
  expect(cost((x) => reduceSum(x, { axes: [1] }))).toBe(512);
  expect(cost((x) => reshape(x, [512]))).toBe(0);
});

test("operators are listed by cost; dead nodes do not count; weights are counted", () => {
  const g = graph();
  const x = input(g, "x", "float32", [4, 4]);
  const w = parameter(g, "w", [4, 4]);
  exp(add(x, 3));
  output(g, "y", add(matMul(x, w), 1));
  const count = countOperations(g);
  expect([...count.operators]).toEqual([
    ["MatMul", { nodes: 1, flops: 128 }],
    ["Add", { nodes: 1, flops: 16 }],
  ]);
  expect([count.total, count.parameters, count.constants]).toEqual([144, 16, 1]);
});
