import { apply1 } from "../apply.ts";
import type { Attributes } from "../graph.ts";
import { averagePool, globalAveragePool, maxPool } from "../ops/convolution.ts";
import { type GradientCases, sample } from "./gradient-case.ts";

const windows: readonly (readonly [readonly number[], Attributes])[] = [
  [[2, 2, 4, 4], { kernel_shape: [2, 2], strides: [2, 2] }],
  [[1, 2, 5, 5], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }],
  [[1, 2, 4, 5], { kernel_shape: [3, 2], strides: [1, 1], pads: [0, 1, 1, 0] }],
  [[1, 1, 6, 6], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }],
  [[2, 2, 7], { kernel_shape: [3], strides: [2] }],
  [[1, 1, 4, 4, 2], { kernel_shape: [2, 2, 2], strides: [2, 2, 2] }],
];
const on = (op: string, more: Attributes = {}, range: readonly [number, number] = [-1, 1]) =>
  windows.map(([shape, attributes]) =>
    sample([shape], (x) => apply1(x.graph, op, [x], { ...attributes, ...more }), {
      range,
      note: JSON.stringify({ ...attributes, ...more }),
    }),
  );

export const poolingCases: GradientCases = {
  AveragePool: [
    ...on("AveragePool"),
    ...on("AveragePool", { count_include_pad: 1 }),
    sample([[1, 2, 4, 4]], (x) => averagePool(x, { kernel: [2, 2] })),
    sample([[1, 1, 5, 4]], (x) =>
      apply1(x.graph, "AveragePool", [x], { kernel_shape: [2, 2], auto_pad: "SAME_UPPER" }),
    ),
    sample([[1, 1, 6]], (x) => apply1(x.graph, "AveragePool", [x], { kernel_shape: [2], dilations: [2] })),
  ],
  MaxPool: [
    ...on("MaxPool"),
    sample([[1, 2, 4, 4]], (x) => maxPool(x, { kernel: [2, 2] })),
    sample([[1, 1, 6]], (x) => apply1(x.graph, "MaxPool", [x], { kernel_shape: [2], dilations: [2] })),
  ],
  LpPool: [
    ...on("LpPool", {}, [0.5, 1.5]).slice(0, 2),
    ...on("LpPool", { p: 3 }, [-1.5, -0.5]).slice(0, 2),
    ...on("LpPool", { p: 1 }, [0.5, 1.5]).slice(0, 1),
  ],
  GlobalAveragePool: [sample([[2, 3, 2, 2]], globalAveragePool), sample([[2, 3, 4]], globalAveragePool)],
  GlobalMaxPool: [sample([[2, 3, 2, 2]], (x) => apply1(x.graph, "GlobalMaxPool", [x]))],
};
