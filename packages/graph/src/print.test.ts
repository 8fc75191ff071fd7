import { expect, test } from "vitest";
import { graph, input, output, parameter, within } from "./graph.ts";
import { conv } from "./ops/convolution.ts";
import { add, silu } from "./ops/elementwise.ts";
import { print } from "./print.ts";

test("one line for each part, with types, shapes, attributes and paths", () => {
  const g = graph({ name: "tiny" });
  const x = input(g, "x", "float32", [1, 2, 4, 4]);
  const w = parameter(g, "w", [3, 2, 3, 3]);
  output(
    g,
    "y",
    silu(
      add(
        within(g, "net/conv", () => conv(x, w)),
        1,
      ),
    ),
  );
  expect(print(g)).toBe(
    `graph tiny
input x: float32[1,2,4,4]
parameter w: float32[3,2,3,3]
constant c0: float32[] = 1
conv0: float32[1,3,2,2] = Conv(x, w) {dilations=[1, 1], group=1, kernel_shape=[3, 3], pads=[0, 0, 0, 0], strides=[1, 1]} at net/conv
add1: float32[1,3,2,2] = Add(conv0, c0)
quickgelu2: float32[1,3,2,2] = com.microsoft.QuickGelu(add1) {alpha=1}
output y = quickgelu2: float32[1,3,2,2]`,
  );
});
