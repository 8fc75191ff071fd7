import {
  type Attributes,
  type DecodeOptions,
  decodeModel,
  decodeWeights,
  encodeModel,
  type Tensor,
  tensor,
} from "@prosopon/graph";
import { describe, expect, test } from "vitest";
import { type RawGraph, type RawNode, rawModel } from "./raw-model.ts";
import { runModel } from "./run-model.ts";

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const wave = (...shape: readonly number[]) =>
  tensor(
    "float32",
    shape,
    Array.from({ length: size(shape) }, (_, i) => Math.sin(1 + i * 2.3)),
  );
const ints = (...values: readonly number[]) => tensor("int64", [values.length], values);
const floats = (...values: readonly number[]) => tensor("float32", [values.length], values);

interface Case {
  readonly opset: number;
  readonly graph: RawGraph;
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly options?: DecodeOptions;
}

/** One node on an input x, with initializers as further inputs. */
function node(
  opset: number,
  op: string,
  x: Tensor,
  attributes: Attributes = {},
  rest: readonly (Tensor | "")[] = [],
  outputs = 1,
): readonly [string, Case] {
  const names = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const node: RawNode = {
    op,
    inputs: ["x", ...rest.map((t, i) => (t === "" ? "" : `k${i}`))],
    outputs: names,
    attributes,
  };
  const initializers = Object.fromEntries(rest.flatMap((t, i) => (t === "" ? [] : [[`k${i}`, t] as const])));
  return [
    `${op}-${opset} ${Object.keys(attributes).join(" ")} ${rest.length}`,
    { opset, graph: { inputs: { x: [x.dtype, x.shape] }, initializers, nodes: [node], outputs: names }, feeds: { x } },
  ];
}

const picture = wave(1, 2, 5, 6);
const cases: readonly (readonly [string, Case])[] = [
  node(11, "Squeeze", wave(1, 3, 1), { axes: [0] }),
  node(11, "Squeeze", wave(1, 3, 1)),
  node(11, "Unsqueeze", wave(3), { axes: [0, 2] }),
  node(11, "ReduceSum", wave(2, 3, 4), { axes: [1, -1], keepdims: 0 }),
  node(13, "ReduceSum", wave(2, 3, 4), { keepdims: 0 }, [ints(1)]),
  node(13, "ReduceMean", wave(2, 3, 4), { axes: [1] }),
  node(18, "ReduceMax", wave(2, 3, 4), { keepdims: 1 }, [ints(-1)]),
  node(11, "Split", wave(5, 2), { axis: 0, split: [2, 3] }, [], 2),
  node(11, "Split", wave(6, 2), {}, [], 3),
  node(13, "Split", wave(6, 2), { axis: 0 }, [], 2),
  node(18, "Split", wave(5, 2), { num_outputs: 3 }, [], 3),
  node(10, "Pad", wave(2, 3), { pads: [1, 0, 0, 2], value: 0.5 }),
  node(10, "Pad", wave(4, 3), { pads: [1, 0, 0, 2], mode: "reflect" }),
  node(13, "Pad", wave(2, 3), {}, [ints(1, 0, 0, 2)]),
  node(10, "Clip", wave(6), { min: -0.25, max: 0.5 }),
  node(10, "Clip", wave(6), { max: 0.5 }),
  node(10, "Clip", wave(6)),
  node(13, "Clip", wave(6), {}, ["", tensor("float32", [], [0.25])]),
  node(9, "Dropout", wave(6), { ratio: 0.5 }),
  node(13, "Dropout", wave(6), {}, [tensor("float32", [], [0.5])]),
  node(9, "Upsample", picture, { mode: "nearest" }, [floats(1, 1, 2, 3)]),
  node(9, "Upsample", picture, { mode: "linear" }, [floats(1, 1, 2, 2)]),
  node(7, "Upsample", picture, { mode: "nearest", scales: [1, 1, 2, 2] }),
  node(10, "Resize", picture, { mode: "nearest" }, [floats(1, 1, 2, 2)]),
  node(10, "Resize", picture, { mode: "linear" }, [floats(1, 1, 1.5, 2)]),
  node(11, "Resize", picture, { mode: "linear" }, [floats(), floats(1, 1, 2, 2)]),
  node(11, "Resize", picture, { mode: "cubic", cubic_coeff_a: -0.5 }, [floats(), floats(), ints(1, 2, 8, 9)]),
  node(13, "Resize", picture, { mode: "nearest", coordinate_transformation_mode: "align_corners" }, [
    "",
    "",
    ints(1, 2, 8, 9),
  ]),
  node(11, "Softmax", wave(2, 3, 4)),
  node(11, "Softmax", wave(2, 3, 4), { axis: 2 }),
  node(11, "LogSoftmax", wave(2, 3, 4), { axis: -2 }),
  node(13, "Softmax", wave(2, 3, 4), { axis: 1 }),
  node(9, "BatchNormalization", wave(1, 3, 4), { momentum: 0.5, epsilon: 0.001 }, [
    wave(3),
    wave(3),
    wave(3),
    floats(1, 2, 3),
  ]),
  node(9, "Slice", wave(4, 5), { starts: [1, 0], ends: [2 ** 40, -1], axes: [1, 0] }),
  node(9, "Slice", wave(4, 5), { starts: [1], ends: [3] }),
  node(13, "Slice", wave(4, 5), {}, [ints(3), ints(-9), ints(1), ints(-2)]),
  node(9, "TopK", wave(3, 5), { k: 2 }, [], 2),
  node(11, "TopK", wave(3, 5), { largest: 0 }, [ints(2)], 2),
  node(13, "LpNormalization", wave(3, 5), { axis: 1 }),
  node(13, "LpNormalization", wave(3, 5), { axis: 0, p: 1 }),
  node(15, "CastLike", wave(4), {}, [ints(1)]),
  node(13, "Identity", wave(4)),
  ...["SAME_UPPER", "SAME_LOWER", "VALID"].flatMap((auto_pad) => [
    node(11, "Conv", picture, { auto_pad, strides: [2, 3] }, [wave(3, 2, 3, 2)]),
    node(11, "ConvTranspose", picture, { auto_pad, strides: [2, 2] }, [wave(2, 3, 3, 4)]),
    node(11, "ConvTranspose", picture, { auto_pad, strides: [2, 3] }, [wave(2, 3, 3, 2)]),
    node(11, "MaxPool", picture, { auto_pad, kernel_shape: [3, 2], strides: [2, 2] }),
    node(11, "AveragePool", picture, { auto_pad, kernel_shape: [2, 3], strides: [2, 1] }),
  ]),
  node(11, "ConvTranspose", picture, { output_shape: [10, 12], strides: [2, 2] }, [wave(2, 3, 3, 3)]),
  node(11, "AveragePool", picture, { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1, count_include_pad: 1 }),
  node(11, "MaxPool", picture, { kernel_shape: [2, 2], pads: [1, 0, 0, 1], strides: [2, 2] }, [], 2),
  node(15, "Shape", wave(2, 3, 4), { start: -2, end: 2 ** 40 }),
  node(13, "Flatten", wave(2, 3, 4), { axis: -1 }),
  node(18, "GroupNormalization", wave(1, 4, 3), { num_groups: 2 }, [wave(2), floats(0.5, -1)]),
  node(20, "Gelu", wave(4), { approximate: "tanh" }),
  [
    "constants in every form",
    {
      opset: 13,
      graph: {
        inputs: { x: ["float32", [2]] },
        nodes: [
          { op: "Constant", inputs: [], outputs: ["a"], attributes: { value_float: 2 } },
          { op: "Constant", inputs: [], outputs: ["b"], attributes: { value_floats: [1, 2] } },
          { op: "Constant", inputs: [], outputs: ["c"], attributes: { value_ints: [2, 1] } },
          { op: "Constant", inputs: [], outputs: ["d"], attributes: { value: tensor("float32", [1], [3]) } },
          { op: "Constant", inputs: [], outputs: ["i"], attributes: { value_int: 0 } },
          { op: "Sum", inputs: ["x", "a", "b", "d"], outputs: ["s"] },
          { op: "Reshape", inputs: ["s", "c"], outputs: ["r"] },
          { op: "Gather", inputs: ["r", "i"], outputs: ["y"] },
        ],
        outputs: ["y", "r"],
      },
      feeds: { x: floats(1, 2) },
    },
  ],
  [
    "half-precision weights",
    {
      opset: 13,
      graph: {
        inputs: { x: ["float32", [3]] },
        // 1, -2 and 0.5 as IEEE half bits.
        initializers: { w: tensor("float16", [3], [0x3c00, 0xc000, 0x3800]) },
        nodes: [
          { op: "Cast", inputs: ["w"], outputs: ["wide"], attributes: { to: 1 } },
          { op: "Mul", inputs: ["x", "wide"], outputs: ["y"] },
        ],
        outputs: ["y"],
      },
      feeds: { x: floats(1, 2, 3) },
    },
  ],
  [
    "a shape chain on symbolic dimensions, and an If that it decides",
    {
      opset: 13,
      options: { dimensions: { batch: 2, width: 3 } },
      graph: {
        inputs: { x: ["float32", ["batch", "width", 4]] },
        initializers: {
          zero: tensor("int64", [], [0]),
          origin: ints(0),
          minus: ints(-1),
          two: tensor("int64", [], [2]),
        },
        nodes: [
          { op: "Shape", inputs: ["x"], outputs: ["shape"] },
          { op: "Gather", inputs: ["shape", "zero"], outputs: ["batch"], attributes: { axis: 0 } },
          { op: "Unsqueeze", inputs: ["batch", "origin"], outputs: ["batches"] },
          { op: "Concat", inputs: ["batches", "minus"], outputs: ["target"], attributes: { axis: 0 } },
          { op: "Reshape", inputs: ["x", "target"], outputs: ["flat"] },
          { op: "Equal", inputs: ["batch", "two"], outputs: ["isTwo"] },
          {
            op: "If",
            inputs: ["isTwo"],
            outputs: ["y"],
            branches: {
              then_branch: { nodes: [{ op: "Neg", inputs: ["flat"], outputs: ["n"] }], outputs: ["n"] },
              else_branch: { nodes: [{ op: "Abs", inputs: ["flat"], outputs: ["a"] }], outputs: ["a"] },
            },
          },
        ],
        outputs: ["y"],
      },
      feeds: { x: wave(2, 3, 4) },
    },
  ],
];

describe("a decoded model computes what the original computes", () => {
  test.each(cases)("%s", async (_, { opset, graph, feeds, options }) => {
    const bytes = rawModel(opset, graph);
    const expected = await runModel(bytes, feeds);
    const decoded = decodeModel(bytes, options);
    const actual = await runModel(encodeModel(decoded), feeds);
    expect(Object.keys(actual)).toEqual(Object.keys(expected));
    for (const [name, { dtype, shape, data }] of Object.entries(expected)) {
      const found = actual[name]!;
      expect([found.dtype, found.shape], name).toEqual([dtype, shape]);
      expect(data.length, name).toBeGreaterThan(0);
      const [a, b] = [data, found.data].map((d) => Array.from(d as ArrayLike<number | bigint>, Number));
      a!.forEach((v, i) => {
        expect(Math.abs(v - b![i]!), `${name}[${i}]`).toBeLessThan(1e-5);
      });
    }
  });

  test("weights as parameters, fed with decodeWeights, give the same", async () => {
    const bytes = rawModel(13, {
      inputs: { x: ["float32", [1, 2, 4, 4]] },
      initializers: {
        w: wave(3, 2, 3, 3),
        s: wave(3),
        b: wave(3),
        mean: wave(3),
        variance: floats(1, 2, 3),
        scales: floats(1, 1, 2, 2),
      },
      nodes: [
        { op: "Conv", inputs: ["x", "w"], outputs: ["c"] },
        { op: "BatchNormalization", inputs: ["c", "s", "b", "mean", "variance"], outputs: ["n"] },
        { op: "Resize", inputs: ["n", "", "scales"], outputs: ["y"] },
      ],
      outputs: ["y"],
    });
    const decoded = decodeModel(bytes, { weights: "parameters" });
    expect(decoded.parameters.map((v) => v.name)).toEqual(["w", "s", "b"]);
    const weights = decodeWeights(bytes);
    expect([...weights.keys()]).toEqual(["w", "s", "b"]);
    const x = wave(1, 2, 4, 4);
    const expected = await runModel(bytes, { x });
    const actual = await runModel(encodeModel(decoded), { x, ...Object.fromEntries(weights) });
    const baked = await runModel(encodeModel(decoded, { parameters: weights }), { x });
    expect(actual["y"]!.data).toEqual(expected["y"]!.data);
    expect(baked["y"]!.data).toEqual(expected["y"]!.data);
  });
});
