import { apply } from "../apply.ts";
import { add, exp, square } from "../ops/elementwise.ts";
import {
  batchNormalization,
  groupNormalization,
  instanceNormalization,
  layerNormalization,
} from "../ops/normalization.ts";
import { type GradientCases, sample } from "./gradient-case.ts";
import { gradients } from "./gradients.ts";

export const normalizationCases: GradientCases = {
  GroupNormalization: [
    sample([[2, 4, 2, 3], [4], [4]], (x, a, b) => groupNormalization(x!, a!, b!, { groups: 2 })),
    sample([[1, 4, 3], [4], [4]], (x, a, b) => groupNormalization(x!, a!, b!, { groups: 1, epsilon: 0.1 })),
    sample([[2, 4, 2, 2], [4], [4]], (x, a, b) => groupNormalization(add(x!, 3), a!, b!, { groups: 4 }), {
      note: "far from 0",
    }),
    sample(
      [[2, 4, 2, 3], [4], [4]],
      (x, a, b) => gradients(square(groupNormalization(x!, a!, b!, { groups: 2, epsilon: 0.1 })), [x!]),
      { note: "its own gradient" },
    ),
  ],
  InstanceNormalization: [sample([[2, 3, 2, 3], [3], [3]], (x, a, b) => instanceNormalization(x!, a!, b!))],
  LayerNormalization: [
    sample([[2, 3, 5], [5], [5]], (x, a, b) => layerNormalization(x!, a!, b!)),
    sample(
      [
        [2, 3, 2],
        [3, 2],
        [3, 2],
      ],
      (x, a, b) => layerNormalization(x!, a!, b!, { axis: 1, epsilon: 0.1 }),
    ),
    sample(
      [[2, 3, 5], [5]],
      (x, a) => apply(x!.graph, "LayerNormalization", [x!, a!], { epsilon: 0.1 }, { outputs: 3 }),
      { note: "with its statistics" },
    ),
  ],
  BatchNormalization: [
    sample([[2, 3, 2, 2], [3], [3], [3], [3]], (x, a, b, mean, spread) =>
      batchNormalization(x!, a!, b!, mean!, exp(spread!)),
    ),
    sample([[4, 3], [3], [3], [3], [3]], (x, a, b, mean, spread) =>
      batchNormalization(x!, a!, b!, mean!, exp(spread!)),
    ),
  ],
};
