import { apply, apply1 } from "../apply.ts";
import { constantOf } from "../constant.ts";
import type { Attributes, Value } from "../graph.ts";
import {
  concat,
  expand,
  flatten,
  gather,
  pad,
  reshape,
  resizeLinear,
  resizeNearest,
  slice,
  split,
  squeeze,
  transpose,
  unsqueeze,
} from "../ops/movement.ts";
import { type GradientCases, sample, whole } from "./gradient-case.ts";

const line = (x: Value, numbers: readonly number[]) => whole(x, [numbers.length], numbers);
const sliced = (
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[],
  steps: readonly number[],
) =>
  sample([[5, 6]], (x) => apply1(x.graph, "Slice", [x, ...[starts, ends, axes, steps].map((v) => line(x, v))]), {
    note: `from ${starts} by ${steps}`,
  });
const padded = (mode: string, pads: readonly number[]) =>
  sample([[2, 3, 4]], (x) => apply1(x.graph, "Pad", [x, line(x, pads)], { mode }), { note: `${mode} ${pads}` });
const resized = (size: readonly number[], attributes: Attributes) =>
  sample(
    [[1, 2, 3, 4]],
    (x) => apply1(x.graph, "Resize", [x, undefined, undefined, line(x, [1, 2, ...size])], attributes),
    {
      note: `${size} ${JSON.stringify(attributes)}`,
    },
  );
const modes = ["half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel"];

export const movementCases: GradientCases = {
  Reshape: [sample([[2, 6]], (x) => reshape(x, [3, -1])), sample([[1]], (x) => reshape(x, []))],
  Flatten: [sample([[2, 3, 2]], (x) => flatten(x))],
  Squeeze: [sample([[2, 1, 3]], (x) => squeeze(x, [1]))],
  Unsqueeze: [sample([[2, 3]], (x) => unsqueeze(x, [0, -1]))],
  Transpose: [
    sample([[2, 3, 4]], (x) => transpose(x, [2, 0, 1])),
    sample([[2, 3]], (x) => apply1(x.graph, "Transpose", [x])),
  ],
  Concat: [
    sample(
      [
        [2, 3],
        [2, 1],
        [2, 2],
      ],
      (...all) => concat(all, -1),
    ),
  ],
  Split: [
    sample([[2, 6]], (x) => split(x, [1, 3, 2], 1)),
    sample([[2, 6]], (x) => split(x, [1, 3, 2], 1)[1]!, { note: "one part used" }),
    sample([[5, 2]], (x) => apply(x.graph, "Split", [x], { axis: 0, num_outputs: 2 }, { outputs: 2 })),
  ],
  Slice: [
    sample([[2, 6]], (x) => slice(x, { axis: 1, start: 1, end: -2 })),
    sliced([1], [6], [1], [2]),
    sliced([-1], [-100], [1], [-1]),
    sliced([4, 1], [0, 5], [0, -1], [-3, 3]),
    sliced([0], [100], [0], [4]),
  ],
  Pad: [
    sample([[2, 3]], (x) => pad(x, [1, 0, 0, 2])),
    sample([[2, 3]], (x) => pad(x, [1, -1, 0, 2]), { note: "crops too" }),
    sample([[2, 3], []], (x, value) => apply1(x!.graph, "Pad", [x, line(x!, [0, 1, 2, -1]), value])),
    sample([[2, 3]], (x) =>
      apply1(x.graph, "Pad", [x, line(x, [1, 2]), undefined, line(x, [-1])], { mode: "constant" }),
    ),
    padded("reflect", [0, 2, 3, 0, 1, 2]),
    padded("edge", [1, 0, 3, 2, 0, 2]),
    padded("edge", [0, 2, 0, 0, 1, 0]),
    padded("wrap", [0, 2, 3, 0, 1, 4]),
  ],
  Gather: [
    sample([[4, 3]], (x) => gather(x, whole(x, [2, 3], [0, 3, 3, -1, 1, 0]))),
    sample([[2, 4, 3]], (x) => gather(x, whole(x, [3], [2, 0, 2]), 1)),
    sample([[2, 3]], (x) => gather(x, whole(x, [], [1]), 1), { note: "a scalar index" }),
    sample([[1100, 1]], (x) => gather(x, whole(x, [4], [5, 1099, 5, 3])), { note: "a large table", step: 2e-4 }),
  ],
  GatherElements: [
    sample([[3, 4]], (x) => apply1(x.graph, "GatherElements", [x, whole(x, [2, 3], [0, 1, 1, 3, 3, 0])], { axis: 1 })),
  ],
  GatherND: [
    sample([[3, 4]], (x) => apply1(x.graph, "GatherND", [x, whole(x, [3, 1], [2, 0, 2])])),
    sample([[3, 4]], (x) => apply1(x.graph, "GatherND", [x, whole(x, [3, 2], [2, 0, 1, 1, 2, 0])])),
  ],
  ScatterElements: ["none", "add"].map((reduction) =>
    sample(
      [
        [3, 4],
        [2, 2],
      ],
      (x, u) => apply1(x!.graph, "ScatterElements", [x, whole(x!, [2, 2], [0, 2, 1, 3]), u], { axis: 1, reduction }),
      { note: reduction },
    ),
  ),
  ScatterND: ["none", "add"].map((reduction) =>
    sample(
      [
        [3, 4],
        [2, 4],
      ],
      (x, u) => apply1(x!.graph, "ScatterND", [x, whole(x!, [2, 1], [2, 0]), u], { reduction }),
      {
        note: reduction,
      },
    ),
  ),
  Expand: [sample([[2, 1, 3]], (x) => expand(x, [4, 2, 2, 3])), sample([[]], (x) => expand(x, [2, 2]))],
  Tile: [
    sample([[2, 3]], (x) => apply1(x.graph, "Tile", [x, line(x, [2, 3])])),
    sample([[2, 3]], (x) => apply1(x.graph, "Tile", [x, line(x, [1, 2])])),
  ],
  Resize: [
    sample([[1, 2, 2, 3]], (x) => resizeNearest(x, 2)),
    sample([[2, 3]], (x) => resizeNearest(x, 2), { note: "two axes, not enlarged" }),
    resized([6, 4], { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" }),
    sample([[1, 2, 3, 4]], (x) => resizeLinear(x, 6, 8)),
    sample([[1, 2, 3, 4]], (x) => resizeLinear(x, 2, 3), { note: "smaller" }),
    ...modes.map((mode) => resized([5, 6], { mode: "linear", coordinate_transformation_mode: mode })),
    ...modes.map((mode) => resized([5, 6], { mode: "nearest", coordinate_transformation_mode: mode })),
    resized([6, 8], { mode: "nearest", coordinate_transformation_mode: "align_corners" }),
    resized([2, 3], { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" }),
    sample([[1, 1, 4]], (x) =>
      apply1(x.graph, "Resize", [x, undefined, constantOf(x.graph, "float32", [1, 1, 1.6])], {
        mode: "linear",
        coordinate_transformation_mode: "half_pixel",
      }),
    ),
  ],
  DepthToSpace: ["DCR", "CRD"].map((mode) =>
    sample([[1, 8, 2, 1]], (x) => apply1(x.graph, "DepthToSpace", [x], { blocksize: 2, mode }), { note: mode }),
  ),
  SpaceToDepth: [sample([[1, 2, 2, 4]], (x) => apply1(x.graph, "SpaceToDepth", [x], { blocksize: 2 }))],
  Trilu: [0, 1].map((upper) => sample([[3, 3]], (x) => apply1(x.graph, "Trilu", [x, whole(x, [], [1])], { upper }))),
};
