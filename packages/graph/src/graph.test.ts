import { expect, test } from "vitest";
import { constantOf } from "./constant.ts";
import { graph, input, output, parameter, within } from "./graph.ts";
import { tensor } from "./make-tensor.ts";
import { exp } from "./ops/elementwise.ts";

test("a name is given once, whatever it names", () => {
  const g = graph();
  input(g, "x", "float32", [1]);
  expect(() => parameter(g, "x", [1])).toThrow(/already has a value named "x"/);
  input(g, "exp0", "float32", [1]);
  expect(exp(g.inputs[0]!).name).not.toBe("exp0");
});

test("shapes are whole numbers", () => {
  expect(() => input(graph(), "x", "float32", [1, -2])).toThrow(/"x" has the shape \[1,-2\]/);
  expect(() => parameter(graph(), "w", [1.5])).toThrow(/"w" has the shape \[1.5\]/);
  expect(() => tensor("float32", [2], [1])).toThrow(/needs 2 elements, not 1/);
});

test("outputs are of the graph and named once", () => {
  const g = graph();
  const x = input(g, "x", "float32", [1]);
  output(g, "y", x);
  expect(() => output(g, "y", x)).toThrow(/already has an output "y"/);
  expect(() => output(graph(), "y", x)).toThrow(/belongs to another graph/);
});

test("equal small constants are one, but 0 and -0 and other types are not", () => {
  const g = graph();
  expect(constantOf(g, "float32", [1, 2])).toBe(constantOf(g, "float32", [1, 2]));
  const zeros = [
    constantOf(g, "float32", 0),
    constantOf(g, "float32", -0),
    constantOf(g, "int32", 0),
    constantOf(g, "float32", [0]),
  ];
  expect(new Set(zeros).size).toBe(4);
});

test("a path ends with its build, also when that throws", () => {
  const g = graph();
  const x = input(g, "x", "float32", [1]);
  expect(() =>
    within(g, "a", () => {
      throw new Error("no");
    }),
  ).toThrow("no");
  exp(x);
  expect(g.nodes[0]!.path).toBe("");
});
