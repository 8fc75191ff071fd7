import { expect, test } from "vitest";
import { constantTensor } from "../constant.ts";
import { graph, input } from "../graph.ts";
import { add, cast, clip, div, equal, mul, prelu, sub, where } from "./elementwise.ts";

const g = graph();
const x = input(g, "x", "float32", [2, 3]);
const n = input(g, "n", "int64", [3]);

test("a number takes the type of the value beside it, on either side", () => {
  const [left, right] = [sub(1, n), sub(n, 1)].map((v) => g.producers.get(v)!.inputs);
  expect(constantTensor(left![0])!.data).toEqual(BigInt64Array.of(1n));
  expect(constantTensor(right![1])!.data).toEqual(BigInt64Array.of(1n));
  expect(constantTensor(g.producers.get(mul(x, 0.5))!.inputs[1])!.dtype).toBe("float32");
  expect(() => add(1, 2)).toThrow(/Add of two numbers/);
});

test("shapes broadcast, types must agree", () => {
  expect(mul(input(g, "column", "float32", [4, 1, 1]), x).shape).toEqual([4, 2, 3]);
  expect(() => div(x, n)).toThrow(/element types float32 and int64 differ/);
  expect(equal(x, 1)).toMatchObject({ dtype: "bool", shape: [2, 3] });
});

test("a cast to the type that a value has is the value", () => {
  expect(cast(x, "float32")).toBe(x);
  expect(cast(x, "int64")).toMatchObject({ dtype: "int64", shape: [2, 3] });
});

test("where takes the type of its values, bounds are constants, a slope is no larger than the input", () => {
  expect(where(equal(x, 1), n, 0).dtype).toBe("int64");
  expect(where(equal(x, 1), 1, 0).dtype).toBe("float32");
  expect(
    g.producers
      .get(clip(x, -1, 1))!
      .inputs.slice(1)
      .map((v) => constantTensor(v)!.data[0]),
  ).toEqual([-1, 1]);
  expect(() => prelu(x, input(g, "slope", "float32", [5, 2, 3]))).toThrow(/the slope \[5,2,3\] is larger/);
});
