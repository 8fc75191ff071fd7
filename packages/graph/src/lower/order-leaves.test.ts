import { expect, test } from "vitest";
import { graph, input, output } from "../graph.ts";
import { cos, exp, neg, sin } from "../ops/elementwise.ts";
import { orderLeaves } from "./order-leaves.ts";

test("leaves move to the end, the one that needs least last", () => {
  const g = graph();
  const x = input(g, "x", "float32", [2]);
  output(g, "short", sin(x));
  const y = exp(x);
  output(g, "long", neg(cos(y)));
  output(g, "middle", cos(cos(x)));
  orderLeaves(g);
  expect(g.nodes.map((n) => n.op)).toEqual(["Exp", "Cos", "Cos", "Neg", "Cos", "Sin"]);
});
