import { apply1 } from "../apply.ts";
import { constantOf } from "../constant.ts";
import type { Attributes, Value } from "../graph.ts";
import { reduceMean, reduceSum, topK } from "../ops/reduction.ts";
import { type GradientCase, type GradientCases, sample, whole } from "./gradient-case.ts";

const on = (op: string, range: readonly [number, number] = [-1, 1]): readonly GradientCase[] => {
  const reduce = (x: Value, axes: readonly number[] | undefined, keepdims: number) =>
    apply1(x.graph, op, [x, axes && constantOf(x.graph, "int64", axes)], { keepdims });
  return [
    sample([[2, 3, 4]], (x) => reduce(x, [-1], 0), { range }),
    sample([[2, 3, 4]], (x) => reduce(x, [0, 2], 1), { range, note: "axes apart, kept" }),
    sample([[2, 5]], (x) => reduce(x, undefined, 0), { range, note: "everything" }),
  ];
};
const running = (attributes: Attributes): GradientCase =>
  sample([[2, 4]], (x) => apply1(x.graph, "CumSum", [x, whole(x, [], [1])], attributes));

export const reductionCases: GradientCases = {
  ReduceSum: [
    ...on("ReduceSum"),
    sample([[2, 3, 1, 4]], (x) => reduceSum(x, { axes: [0, 1, 2] }), { note: "a run with an axis of one" }),
    sample([[2, 3]], (x) => apply1(x.graph, "ReduceSum", [x], { noop_with_empty_axes: 1 }), { note: "nothing" }),
  ],
  ReduceMean: [...on("ReduceMean"), sample([[2, 3]], (x) => reduceMean(x))],
  ReduceMax: on("ReduceMax"),
  ReduceMin: on("ReduceMin"),
  ReduceProd: on("ReduceProd", [0.8, 1.2]),
  ReduceL1: on("ReduceL1"),
  ReduceL2: on("ReduceL2"),
  ReduceSumSquare: on("ReduceSumSquare"),
  ReduceLogSum: on("ReduceLogSum", [0.5, 1.5]),
  ReduceLogSumExp: on("ReduceLogSumExp"),
  CumSum: [running({}), running({ exclusive: 1 }), running({ reverse: 1 }), running({ exclusive: 1, reverse: 1 })],
  TopK: [sample([[2, 5]], (x) => topK(x, 2).values), sample([[4, 3]], (x) => topK(x, 2, 0).values)],
};
