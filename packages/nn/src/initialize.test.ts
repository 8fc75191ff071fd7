import { graph, input } from "@prosopon/graph";
import { expect, test } from "vitest";
import { initialize } from "./initialize.ts";
import { convolution } from "./layers/convolution.ts";
import { embedding } from "./layers/embedding.ts";
import { groupNorm } from "./layers/group-norm.ts";
import { linear } from "./layers/linear.ts";
import { type Scope, scope } from "./scope.ts";

const model = (more: boolean): Scope => {
  const g = graph();
  const top = scope(g, "net");
  const x = convolution(top.at("conv"), input(g, "x", "float32", [1, 50, 8, 8]), { outputs: 64, kernel: 3 });
  if (more) linear(top.at("extra"), x, { outputs: 3 });
  groupNorm(top.at("norm"), x);
  embedding(top.at("classes"), input(g, "label", "int64", [1]), { rows: 100, size: 64 });
  linear(top.at("last"), x, { outputs: 5, zero: true });
  return top;
};

const numbers = (values: ReturnType<typeof initialize>, name: string): readonly number[] =>
  Array.from(values.get(name)!.data as Float32Array);
const variance = (list: readonly number[]): number => list.reduce((sum, v) => sum + v * v, 0) / list.length;

test("parameters start as PyTorch's: names, shapes and laws", () => {
  const { parameters } = model(false);
  expect([...parameters.values()].map(({ name, shape }) => `${name} ${shape}`)).toEqual([
    "net.conv.weight 64,50,3,3",
    "net.conv.bias 64",
    "net.norm.weight 64",
    "net.norm.bias 64",
    "net.classes.weight 100,64",
    "net.last.weight 5,6",
    "net.last.bias 5",
  ]);
  const values = initialize(parameters.values(), 3);
  const bound = 1 / Math.sqrt(50 * 9);
  for (const name of ["net.conv.weight", "net.conv.bias"]) {
    const list = numbers(values, name);
    expect(Math.max(...list.map(Math.abs))).toBeLessThanOrEqual(bound);
    expect(Math.max(...list)).toBeGreaterThan(0.85 * bound);
    expect(Math.min(...list)).toBeLessThan(-0.85 * bound);
  }
  // 28,800 uniform numbers: the variance b²/3 is known to about 0.5 %.
  expect(variance(numbers(values, "net.conv.weight")) / (bound ** 2 / 3)).toBeCloseTo(1, 1);
  expect(variance(numbers(values, "net.classes.weight"))).toBeCloseTo(1, 1);
  expect(new Set(numbers(values, "net.norm.weight"))).toEqual(new Set([1]));
  expect(new Set([...numbers(values, "net.norm.bias"), ...numbers(values, "net.last.weight")])).toEqual(new Set([0]));
});

test("a parameter's start depends on seed and name only", () => {
  const [short, long] = [model(false), model(true)].map((top) => initialize(top.parameters.values(), 3));
  for (const [name, { data }] of short!) expect(long!.get(name)!.data).toEqual(data);
  const other = initialize(model(false).parameters.values(), 4);
  expect(numbers(other, "net.conv.weight")).not.toEqual(numbers(short!, "net.conv.weight"));
  expect(numbers(short!, "net.conv.bias")).not.toEqual(numbers(short!, "net.conv.weight").slice(0, 64));
});
