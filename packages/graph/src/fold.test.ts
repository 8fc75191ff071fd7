import { expect, test } from "vitest";
import { apply, apply1 } from "./apply.ts";
import { constant, constantNumbers, constantOf, constantTensor } from "./constant.ts";
import { graph, input, type Value } from "./graph.ts";
import { onnxTypes } from "./infer/elementwise.ts";
import { tensor } from "./make-tensor.ts";

const g = graph();
const x = input(g, "x", "float32", [2, 3, 4]);
const ints = (...values: readonly number[]) => constantOf(g, "int64", values);
const numbers = (v: Value) => constantNumbers(v) ?? "not folded";

test("a chain that computes a shape becomes that shape", () => {
  const shape = apply1(g, "Shape", [x]);
  const batch = apply1(g, "Gather", [shape, ints(0)], { axis: 0 });
  const rest = apply1(g, "ReduceProd", [apply1(g, "Slice", [shape, ints(1), ints(9)])], { keepdims: 1 });
  const half = apply1(g, "Div", [rest, ints(2)]);
  const target = apply1(g, "Concat", [batch, apply1(g, "Neg", [ints(1)]), half], { axis: 0 });
  expect(numbers(target)).toEqual([2, -1, 6]);
  expect(apply1(g, "Reshape", [x, target]).shape).toEqual([2, 2, 6]);
  expect(g.nodes.map((n) => n.op)).toEqual(["Reshape"]);
});

test("integers divide towards zero, remainders follow the divisor, as ONNX has it", () => {
  expect(numbers(apply1(g, "Div", [ints(7, -7, 7, -7), ints(2, 2, -2, -2)]))).toEqual([3, -3, -3, 3]);
  expect(numbers(apply1(g, "Mod", [ints(7, -7, 7, -7), ints(3, 3, -3, -3)]))).toEqual([1, 2, -2, -1]);
  expect(numbers(apply1(g, "Div", [ints(7), ints(0)]))).toBe("not folded");
});

test("integers wrap around at their width", () => {
  const most = constant(g, tensor("int64", [1], BigInt64Array.of(2n ** 63n - 1n)));
  expect(constantTensor(apply1(g, "Add", [most, ints(1)]))!.data[0]).toBe(-(2n ** 63n));
  const wide = constantOf(g, "int32", [2 ** 31 - 1]);
  expect(numbers(apply1(g, "Mul", [wide, wide]))).toEqual([1]);
});

test("floats are rounded to float32, halves to even", () => {
  const f = (...values: readonly number[]) => constantOf(g, "float32", values);
  expect(numbers(apply1(g, "Add", [f(0.1), f(0.2)]))).toEqual([Math.fround(Math.fround(0.1) + Math.fround(0.2))]);
  expect(numbers(apply1(g, "Round", [f(0.5, 1.5, 2.5, -0.5, -1.5, 0.4)]))).toEqual([0, 2, 2, -0, -2, 0]);
  expect(numbers(apply1(g, "Cast", [f(1.9, -1.9)], { to: onnxTypes.int64 }))).toEqual([1, -1]);
  expect(numbers(apply1(g, "Cast", [f(1e30)], { to: onnxTypes.int64 }))).toBe("not folded");
});

test("an operator with several outputs folds to several constants", () => {
  const parts = apply(g, "Split", [ints(1, 2, 3), ints(1, 2)], { axis: 0 }, { outputs: 2 });
  expect(parts.map(numbers)).toEqual([[1], [2, 3]]);
});

test("large results, float sums and fresh nodes stay nodes", () => {
  expect(numbers(apply1(g, "Expand", [ints(1), ints(4096)]))).toHaveLength(4096);
  expect(numbers(apply1(g, "Expand", [ints(1), ints(4097)]))).toBe("not folded");
  expect(numbers(apply1(g, "ReduceSum", [constantOf(g, "float32", [1, 2])]))).toBe("not folded");
  expect(numbers(apply1(g, "Neg", [ints(3)], {}, { fresh: true }))).toBe("not folded");
});

test("an index outside the axis is left to the runtime's error", () => {
  expect(numbers(apply1(g, "Gather", [ints(1, 2), ints(-2)], { axis: 0 }))).toEqual([1]);
  expect(numbers(apply1(g, "Gather", [ints(1, 2), ints(2)], { axis: 0 }))).toBe("not folded");
});
