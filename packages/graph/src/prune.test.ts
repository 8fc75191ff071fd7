import { expect, test } from "vitest";
import { graph, input, output, parameter } from "./graph.ts";
import { add, exp, mul } from "./ops/elementwise.ts";
import { prune } from "./prune.ts";

test("what no output needs goes, inputs and parameters stay, and building goes on", () => {
  const g = graph();
  const x = input(g, "x", "float32", [2]);
  const w = parameter(g, "w", [2]);
  const y = add(x, 1);
  mul(exp(x), 5);
  output(g, "y", y);
  expect(prune(g)).toBe(2);
  expect(g.nodes.map((n) => n.op)).toEqual(["Add"]);
  expect(g.constants.size).toBe(1);
  expect(g.parameters).toEqual([w]);
  expect(add(x, 1)).toBe(y);
  const again = mul(exp(x), 5);
  expect(g.producers.get(again)!.inputs.every((v) => v && (g.producers.has(v) || g.constants.has(v)))).toBe(true);
  expect(new Set([...g.constants.keys(), ...g.nodes.flatMap((n) => n.outputs)].map((v) => v.name)).size).toBe(5);
  expect(prune(g)).toBe(2);
  expect(prune(g)).toBe(0);
});
