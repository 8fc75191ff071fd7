import { fusedMatMul, gemm, matMul } from "../ops/matrix.ts";
import { type GradientCases, sample } from "./gradient-case.ts";

const turns = [
  { alpha: 0.5 },
  { alpha: 2, transA: true },
  { alpha: 1, transB: true },
  { alpha: -1, transA: true, transB: true },
];
const turned = (shape: readonly number[], turn: boolean | undefined) =>
  turn ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape;

export const matrixCases: GradientCases = {
  MatMul: [
    sample(
      [
        [2, 3],
        [3, 4],
      ],
      matMul,
    ),
    sample(
      [
        [2, 2, 3],
        [3, 4],
      ],
      matMul,
      { note: "one matrix for a batch" },
    ),
    sample(
      [
        [2, 3],
        [2, 3, 2],
      ],
      matMul,
      { note: "one matrix on the left of a batch" },
    ),
    sample(
      [
        [2, 1, 2, 3],
        [3, 3, 2],
      ],
      matMul,
      { note: "batches broadcast" },
    ),
    sample([[3], [3]], matMul, { note: "two vectors" }),
    sample([[3], [2, 3, 2]], matMul, { note: "a vector on the left" }),
    sample([[2, 2, 3], [3]], matMul, { note: "a vector on the right" }),
  ],
  "com.microsoft.FusedMatMul": turns.flatMap((turn) => [
    sample([turned([2, 3], turn.transA), turned([3, 4], turn.transB)], (a, b) => fusedMatMul(a, b, turn)),
    sample([turned([2, 2, 3], turn.transA), turned([3, 2], turn.transB)], (a, b) => fusedMatMul(a, b, turn)),
    sample([turned([2, 2, 3], turn.transA), turned([2, 3, 2], turn.transB)], (a, b) => fusedMatMul(a, b, turn)),
  ]),
  Gemm: turns.flatMap((turn) => [
    sample([turned([2, 3], turn.transA), turned([3, 4], turn.transB), [4]], (a, b, c) =>
      gemm(a!, b!, c, { ...turn, beta: 0.5 }),
    ),
    sample([turned([2, 3], turn.transA), turned([3, 4], turn.transB)], (a, b) => gemm(a!, b!, undefined, turn)),
  ]),
};
