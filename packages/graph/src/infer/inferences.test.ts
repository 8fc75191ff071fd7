import { describe, expect, test } from "vitest";
import { apply } from "../apply.ts";
import { constantOf } from "../constant.ts";
import { type Attributes, graph, input } from "../graph.ts";

type Refusal = readonly [string, readonly (readonly number[])[], Attributes, RegExp];

const refusals: readonly Refusal[] = [
  [
    "MatMul",
    [
      [2, 3],
      [4, 5],
    ],
    {},
    /inner dimensions 3 and 4 differ/,
  ],
  ["MatMul", [[], [4]], {}, /a scalar cannot be multiplied/],
  [
    "Gemm",
    [
      [2, 3, 4],
      [4, 5],
    ],
    {},
    /needs two matrices/,
  ],
  [
    "Gemm",
    [
      [2, 3],
      [3, 4],
      [3, 2, 4],
    ],
    {},
    /addend \[3,2,4\] does not fit \[2,4\]/,
  ],
  [
    "Conv",
    [
      [1, 3, 8, 8],
      [4, 2, 3, 3],
    ],
    {},
    /3 channels do not fit weights \[4,2,3,3\]/,
  ],
  [
    "Conv",
    [
      [1, 2, 2, 2],
      [4, 2, 3, 3],
    ],
    {},
    /window of 3 does not fit 2 elements/,
  ],
  ["Conv", [[1, 2, 8, 8], [4, 2, 3, 3], [5]], {}, /bias \[5\] does not fit 4 filters/],
  [
    "Conv",
    [
      [1, 2, 8, 8],
      [4, 2, 3, 3],
    ],
    { strides: [1] },
    /do not fit 2 spatial axes/,
  ],
  [
    "ConvTranspose",
    [
      [1, 2, 8, 8],
      [4, 2, 3, 3],
    ],
    {},
    /2 channels do not fit/,
  ],
  ["GroupNormalization", [[1, 6, 4], [6], [6]], { num_groups: 4 }, /6 channels do not divide into 4 groups/],
  ["LayerNormalization", [[2, 4], [2], [2]], {}, /scale \[2\] is not \[4\]/],
  ["BatchNormalization", [[2, 4], [4], [4], [4], [3]], {}, /input 4 has shape \[3\], not \[4\]/],
  ["Softplus", [], {}, /input 0 is missing/],
  ["ArgMax", [[2, 3]], { axis: 2 }, /axis 2 is not one of a value with 2 dimensions/],
  ["Reshape", [[2, 3], [1]], {}, /input 1 \("x1"\) must be a constant/],
  ["Split", [[3]], { axis: 0, num_outputs: 2 ** 31 }, /2147483648 parts of 3/],
];

describe("inference refuses", () => {
  test.each(refusals)("%s of %j", (op, shapes, attributes, message) => {
    const g = graph();
    const values = shapes.map((shape, i) => input(g, `x${i}`, "float32", shape));
    expect(() => apply(g, op, values, attributes)).toThrow(message);
  });
  test("a TopK of more than there is", () => {
    const g = graph();
    const x = input(g, "x", "float32", [3]);
    expect(() => apply(g, "TopK", [x, constantOf(g, "int64", [4])])).toThrow(/k = 4 of 3 elements/);
  });
});
