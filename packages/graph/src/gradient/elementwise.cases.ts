import { apply1 } from "../apply.ts";
import type { Attributes, Value } from "../graph.ts";
import {
  add,
  cast,
  clip,
  div,
  gelu,
  greater,
  identity,
  leakyRelu,
  logSoftmax,
  mul,
  pow,
  prelu,
  silu,
  softmax,
  sub,
  where,
} from "../ops/elementwise.ts";
import { after } from "./after.ts";
import { type GradientCase, type GradientCases, sample } from "./gradient-case.ts";

const broadcasts = (build: (a: Value, b: Value) => Value): readonly GradientCase[] => [
  sample(
    [
      [2, 3],
      [2, 3],
    ],
    build,
    { range: [0.5, 1.5] },
  ),
  sample(
    [
      [2, 1, 3],
      [4, 1],
    ],
    build,
    { range: [0.5, 1.5], note: "both broadcast" },
  ),
  sample([[3], []], build, { range: [0.5, 1.5], note: "a scalar" }),
];
const on = (op: string, range: readonly [number, number] = [-1, 1], attributes: Attributes = {}): GradientCase =>
  sample([[3, 4]], (x) => apply1(x.graph, op, [x], attributes), { range });
const several = (op: string, inputs: readonly Value[]): Value => apply1(inputs[0]!.graph, op, inputs);
const plain =
  "Abs Neg Exp Erf Sin Cos Tan Atan Sinh Cosh Tanh Sigmoid Relu Elu Selu Celu Softplus Softsign Mish Identity Dropout";

export const elementwiseCases: GradientCases = {
  ...Object.fromEntries(plain.split(" ").map((op) => [op, [on(op)]])),
  Elu: [on("Elu", [-1, 1], { alpha: 0.7 })],
  Selu: [on("Selu"), on("Selu", [-1, 1], { alpha: 1.2, gamma: 0.9 })],
  Celu: [on("Celu", [-1, 1], { alpha: 0.7 })],
  Log: [on("Log", [0.5, 2])],
  Sqrt: [on("Sqrt", [0.5, 2])],
  Reciprocal: [on("Reciprocal", [0.5, 2])],
  Asin: [on("Asin", [-0.8, 0.8])],
  Acos: [on("Acos", [-0.8, 0.8])],
  LeakyRelu: [sample([[3, 4]], (x) => leakyRelu(x, 0.2))],
  HardSigmoid: [on("HardSigmoid", [-4, 4], { alpha: 0.25, beta: 0.4 })],
  HardSwish: [on("HardSwish", [-4.1, 4.1])],
  ThresholdedRelu: [on("ThresholdedRelu", [-1, 1], { alpha: 0.3 })],
  Gelu: [on("Gelu", [-2, 2]), on("Gelu", [-2, 2], { approximate: "tanh" })],
  "com.microsoft.Gelu": [sample([[3, 4]], gelu, { range: [-2, 2] })],
  "com.microsoft.QuickGelu": [
    sample([[3, 4]], silu, { range: [-2, 2] }),
    sample([[3, 4]], (x) => apply1(x.graph, "QuickGelu", [x], { alpha: 1.702 }, { domain: "com.microsoft" })),
  ],
  Softmax: [sample([[2, 5]], (x) => softmax(x)), sample([[2, 3, 2]], (x) => softmax(x, 1))],
  LogSoftmax: [sample([[2, 5]], (x) => logSoftmax(x)), sample([[2, 3, 2]], (x) => logSoftmax(x, 1))],
  Clip: [sample([[3, 4]], (x) => clip(x, -0.4, 0.5)), sample([[3, 4]], (x) => apply1(x.graph, "Clip", [x]))],
  Cast: [sample([[3]], (x) => cast(cast(x, "float64"), "float32"))],
  "prosopon.After": [
    sample([[3, 4], [2]], (x, event) => after(x!, event!)),
    sample([[], []], (x, event) => after(x!, event!)),
  ],
  Add: broadcasts(add),
  Sub: broadcasts(sub),
  Mul: [...broadcasts(mul), sample([[3]], (x) => mul(x, x), { note: "both inputs are one value" })],
  Div: broadcasts(div),
  Mod: [sample([[6], [1]], (a, b) => apply1(a.graph, "Mod", [a, add(b, 1.9)], { fmod: 1 }), { range: [-3, 3] })],
  Pow: [
    ...broadcasts(pow),
    sample([[3, 4]], (x) => pow(x, 2)),
    sample([[3, 4]], (x) => pow(x, 3), { note: "a negative base" }),
    sample([[3, 4]], (x) => pow(x, 0.5), { range: [0.5, 2] }),
  ],
  Max: [
    sample(
      [
        [2, 3],
        [2, 3],
      ],
      (a, b) => several("Max", [a, b]),
    ),
    sample([[2, 3], [3], [2, 1]], (...all) => several("Max", all)),
    sample([[3]], (a) => several("Max", [a])),
  ],
  Min: [
    sample(
      [
        [2, 3],
        [2, 3],
      ],
      (a, b) => several("Min", [a, b]),
    ),
    sample([[2, 3], [3], [2, 1]], (...all) => several("Min", all)),
  ],
  Sum: [sample([[2, 3], [3], [2, 1]], (...all) => several("Sum", all))],
  Mean: [sample([[2, 3], [3], [2, 1]], (...all) => several("Mean", all))],
  PRelu: [
    sample(
      [
        [2, 3, 2],
        [3, 1],
      ],
      prelu,
    ),
  ],
  Where: [sample([[2, 3], [2, 3], [3]], (c, a, b) => where(greater(c, 0), identity(a), b))],
};
