import { type Attributes, type DType, sizeOf, type Tensor, tensor } from "@prosopon/graph";

/** One operator on sample inputs. Inputs marked `constant` are known while building. */
export interface OperatorSample {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly (SampleInput | undefined)[];
  readonly attributes?: Attributes;
  readonly outputs?: number;
}

export interface SampleInput {
  readonly tensor: Tensor;
  readonly constant: boolean;
}

const x = (...shape: readonly number[]): SampleInput => ({
  constant: false,
  tensor: tensor(
    "float32",
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => 0.1 + 0.8 * ((i * 0.618) % 1)),
  ),
});
const as = (dtype: DType, values: readonly number[], shape: readonly number[] = [values.length]): SampleInput => ({
  constant: false,
  tensor: tensor(dtype, shape, values),
});
const k = (values: readonly number[], dtype: DType = "int64", shape: readonly number[] = [values.length]) => ({
  constant: true,
  tensor: tensor(dtype, shape, values),
});
const one = (
  op: string,
  inputs: OperatorSample["inputs"],
  attributes: Attributes = {},
  outputs = 1,
): OperatorSample => ({
  op,
  inputs,
  attributes,
  outputs,
});
const microsoft = (op: string, inputs: OperatorSample["inputs"], attributes: Attributes = {}): OperatorSample => ({
  ...one(op, inputs, attributes),
  domain: "com.microsoft",
});
const each = (names: string, make: (op: string) => readonly OperatorSample[]): readonly OperatorSample[] =>
  names.split(" ").flatMap(make);

const bools = as("bool", [1, 0, 1, 1, 0, 0], [2, 3]);

const elementwise = [
  ...each(
    "Abs Neg Exp Log Sqrt Reciprocal Erf Sin Cos Tan Asin Acos Atan Sinh Cosh Tanh Sigmoid Relu LeakyRelu Elu Selu Celu Softplus Softsign HardSigmoid HardSwish Mish ThresholdedRelu Floor Ceil Round Sign Identity Gelu Softmax LogSoftmax Hardmax Dropout",
    (op) => [one(op, [x(2, 3, 4)])],
  ),
  one("Clip", [x(2, 3), k([0.2], "float32", []), k([0.5], "float32", [])]),
  one("BitwiseNot", [as("int32", [1, 2, 3])]),
  one("Not", [bools]),
  microsoft("QuickGelu", [x(2, 3)], { alpha: 1 }),
  microsoft("Gelu", [x(2, 3)]),
  ...each("Add Sub Mul Div Max Min Sum Mean", (op) => [one(op, [x(2, 1, 3), x(4, 1)])]),
  ...each("Max Sum Mean", (op) => [one(op, [x(2, 3), x(3), x(2, 1)])]),
  one("Add", [as("int64", [1, 2]), as("int64", [3], [])]),
  one("Mod", [as("int64", [7, -7, 5]), as("int64", [3, 3, -3])]),
  ...each("And Or Xor", (op) => [one(op, [bools, as("bool", [1, 0, 1])])]),
  ...each("Equal Greater GreaterOrEqual Less LessOrEqual", (op) => [one(op, [x(2, 3), x(3)])]),
  ...each("IsNaN IsInf", (op) => [one(op, [x(2, 3)])]),
  one("Pow", [x(2, 3), x(3)]),
  one("Pow", [x(2, 3), k([2], "int64", [])]),
  one("PRelu", [x(2, 3, 4), x(3, 1)]),
  one("Where", [bools, x(2, 3), x(1, 3)]),
  one("Where", [as("bool", [1, 0], [2, 1]), x(3), x(1)]),
  one("Cast", [x(2, 3)], { to: 7 }),
  one("Cast", [as("int64", [1, 2])], { to: 1 }),
  one("Cast", [bools], { to: 6 }),
];

const reductions = [
  ...each(
    "ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSum ReduceLogSumExp",
    (op) => [
      one(op, [x(2, 3, 4), k([1])], { keepdims: 0 }),
      one(op, [x(2, 3, 4), k([-1, 0])], { keepdims: 1 }),
      one(op, [x(2, 3)], { keepdims: 0 }),
      one(op, [x(2, 3)]),
      one(op, [x(2, 3)], { noop_with_empty_axes: 1 }),
    ],
  ),
  ...each("ArgMin ArgMax", (op) => [
    one(op, [x(2, 3, 4)], { axis: -2, keepdims: 0 }),
    one(op, [x(2, 3)], { axis: 1, keepdims: 1 }),
    one(op, [x(2, 3)]),
  ]),
  one("CumSum", [x(2, 3), k([1], "int64", [])]),
  one("TopK", [x(3, 5), k([2])], { axis: 1 }, 2),
  one("TopK", [x(3, 5), k([2])], { axis: -2 }, 2),
];

const movements = [
  one("Reshape", [x(2, 3, 4), k([4, -1])]),
  one("Reshape", [x(2, 3, 4), k([0, 2, -1, 2])]),
  one("Reshape", [x(0, 3), k([3, 0])], { allowzero: 1 }),
  one("Transpose", [x(2, 3, 4)], { perm: [2, 0, 1] }),
  one("Transpose", [x(2, 3, 4)]),
  ...[0, 1, 2, -1].map((axis) => one("Flatten", [x(2, 3, 4)], { axis })),
  one("Squeeze", [x(1, 2, 1, 3)]),
  one("Squeeze", [x(1, 2, 1, 3), k([-2])]),
  one("Unsqueeze", [x(2, 3), k([0, -1])]),
  one("Concat", [x(2, 3), x(2, 1)], { axis: -1 }),
  one("Split", [x(2, 5), k([2, 3])], { axis: 1 }, 2),
  one("Split", [x(2, 5)], { axis: 1, num_outputs: 3 }, 3),
  one("Slice", [x(4, 5), k([1]), k([-1]), k([1])]),
  one("Slice", [x(4, 5), k([-1, 9]), k([-9, 0]), k([0, 1]), k([-1, -2])]),
  one("Slice", [x(4, 5), k([3]), k([1])]),
  one("Slice", [x(4, 5), k([-9]), k([2 ** 40]), k([-2]), k([3])]),
  one("Slice", [x(4), k([-9]), k([-20]), k([0]), k([-1])]),
  one("Pad", [x(2, 3), k([0, 1, 2, 0]), k([0], "float32", [])]),
  one("Pad", [x(2, 3), k([0, -1, 0, 0])]),
  one("Pad", [x(2, 3), k([1, 2]), k([0], "float32", []), k([-1])]),
  one("Pad", [x(2, 3), k([0, 1, 0, 1])], { mode: "reflect" }),
  one("Gather", [x(4, 3), as("int64", [0, -1, 2, 1], [2, 2])], { axis: 0 }),
  one("Gather", [x(4, 3), as("int64", [1], [])], { axis: -1 }),
  one("GatherElements", [x(4, 3), as("int64", [0, 1, 2, 0, 1, 2], [2, 3])], { axis: 0 }),
  one("GatherND", [x(4, 3, 2), as("int64", [0, 1, 2, 2], [2, 2])]),
  one("GatherND", [x(2, 3, 2), as("int64", [0, 1], [2, 1])], { batch_dims: 1 }),
  one("ScatterElements", [x(4, 3), as("int64", [0, 1, 2], [1, 3]), x(1, 3)]),
  one("ScatterND", [x(4, 3), as("int64", [0, 2], [2, 1]), x(2, 3)]),
  one("Expand", [x(3, 1), k([2, 1, 4])]),
  one("Expand", [x(3, 4), k([1])]),
  one("Tile", [x(2, 3), k([2, 1])]),
  one("Resize", [x(1, 2, 3, 3), undefined, k([1, 1, 2, 2.5], "float32")], { mode: "linear" }),
  one("Resize", [x(1, 2, 3, 3), undefined, undefined, k([1, 2, 5, 2])], { mode: "nearest" }),
  one("Resize", [x(1, 2, 3, 3), undefined, k([2, 2], "float32")], { mode: "nearest", axes: [2, 3] }),
  one("DepthToSpace", [x(1, 8, 2, 3)], { blocksize: 2 }),
  one("SpaceToDepth", [x(1, 2, 4, 6)], { blocksize: 2 }),
  one("Shape", [x(2, 3, 4)]),
  one("Shape", [x(2, 3, 4)], { start: 1 }),
  one("Shape", [x(2, 3, 4)], { start: -3, end: -1 }),
  one("Size", [x(2, 3, 4)]),
  one("ConstantOfShape", [k([2, 3])]),
  one("ConstantOfShape", [k([2])], { value: tensor("int64", [1], [7]) }),
  one("Range", [k([1], "int64", []), k([10], "int64", []), k([4], "int64", [])]),
  one("Range", [k([1], "float32", []), k([-1], "float32", []), k([-0.3], "float32", [])]),
  one("Range", [k([1], "int64", []), k([0], "int64", []), k([4], "int64", [])]),
  one("Trilu", [x(3, 4)]),
  one("OneHot", [as("int64", [0, 2], [2]), k([3]), k([0, 1], "float32")]),
  one("OneHot", [as("int64", [0, 2], [2]), k([3]), k([0, 1], "float32")], { axis: 0 }),
];

const matrices = [
  one("MatMul", [x(2, 3), x(3, 4)]),
  one("MatMul", [x(5, 1, 2, 3), x(4, 3, 2)]),
  one("MatMul", [x(3), x(3)]),
  one("MatMul", [x(3), x(2, 3, 4)]),
  one("MatMul", [x(2, 4, 3), x(3)]),
  microsoft("FusedMatMul", [x(2, 3, 4), x(2, 5, 4)], { transB: 1, alpha: 0.5 }),
  microsoft("FusedMatMul", [x(2, 4, 3), x(2, 4, 5)], { transA: 1 }),
  microsoft("MultiHeadAttention", [x(2, 5, 6), x(2, 3, 6), x(2, 3, 6)], { num_heads: 2, scale: 0.5 }),
  one("Gemm", [x(2, 3), x(3, 4), x(4)]),
  one("Gemm", [x(3, 2), x(4, 3), x(2, 1)], { transA: 1, transB: 1, alpha: 2, beta: 0.5 }),
  one("Gemm", [x(2, 3), x(3, 4)]),
];

const convolutions = [
  one("Conv", [x(1, 2, 7, 5), x(4, 2, 3, 3), x(4)], { pads: [1, 0, 2, 1], strides: [2, 1] }),
  one("Conv", [x(1, 4, 9), x(6, 2, 3)], { group: 2, dilations: [2] }),
  one("Conv", [x(1, 1, 4, 4, 4), x(2, 1, 2, 2, 2)]),
  ...["SAME_UPPER", "SAME_LOWER", "VALID"].map((auto_pad) =>
    one("Conv", [x(1, 2, 7, 6), x(3, 2, 3, 2)], { auto_pad, strides: [2, 3] }),
  ),
  one("ConvTranspose", [x(1, 4, 3, 3), x(4, 2, 3, 3)], { strides: [2, 2], pads: [1, 1, 0, 1], output_padding: [1, 0] }),
  one("ConvTranspose", [x(1, 4, 3), x(4, 2, 3), x(4)], { group: 2, dilations: [2] }),
  ...["SAME_UPPER", "SAME_LOWER", "VALID"].map((auto_pad) =>
    one("ConvTranspose", [x(1, 2, 3, 4), x(2, 3, 3, 2)], { auto_pad, strides: [2, 3] }),
  ),
  one("ConvTranspose", [x(1, 2, 3, 4), x(2, 3, 3, 3)], { output_shape: [7, 8], strides: [2, 2] }),
  ...each("MaxPool AveragePool", (op) => [
    one(op, [x(1, 2, 7, 5)], { kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 1, 0] }),
    one(op, [x(1, 2, 7, 5)], { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }),
    one(op, [x(1, 1, 5)], { kernel_shape: [2], strides: [3], ceil_mode: 1, pads: [0, 1] }),
    one(op, [x(1, 2, 7, 5)], { kernel_shape: [2, 2], dilations: [2, 2] }),
    one(op, [x(1, 2, 7, 6)], { kernel_shape: [3, 3], strides: [2, 2], auto_pad: "SAME_UPPER" }),
  ]),
  one("MaxPool", [x(1, 2, 6, 6)], { kernel_shape: [2, 2] }, 2),
  one("LpPool", [x(1, 2, 7, 5)], { kernel_shape: [3, 2], strides: [2, 1] }),
  ...each("GlobalAveragePool GlobalMaxPool", (op) => [one(op, [x(2, 3, 4, 5)])]),
];

const normalizations = [
  one("BatchNormalization", [x(2, 3, 4), x(3), x(3), x(3), x(3)]),
  one("InstanceNormalization", [x(2, 3, 4), x(3), x(3)]),
  one("GroupNormalization", [x(2, 4, 3, 3), x(4), x(4)], { num_groups: 2 }),
  one("LayerNormalization", [x(2, 3, 4), x(4), x(4)]),
  one("LayerNormalization", [x(2, 3, 4), x(3, 4), x(3, 4)], { axis: 1 }),
  one("LayerNormalization", [x(2, 3, 4), x(3, 4)], { axis: 1 }, 3),
];

const steps = (
  scale: readonly number[],
  zero: readonly number[],
  dtype: "uint8" | "int8",
  shape?: readonly number[],
) => [k(scale, "float32", shape), k(zero, dtype, shape)];
const bytes = (dtype: "uint8" | "int8", ...shape: readonly number[]) =>
  as(
    dtype,
    Array.from({ length: sizeOf(shape) }, (_, i) => (i * 7) % 120),
    shape,
  );

const quantizations = [
  one("QuantizeLinear", [x(2, 3), ...steps([0.01], [3], "uint8", [])]),
  one("QuantizeLinear", [x(2, 3), ...steps([0.01, 0.02], [0, 0], "int8")], { axis: 0 }),
  one("QuantizeLinear", [x(2, 3), k([0.01], "float32", [])]),
  one("DequantizeLinear", [bytes("uint8", 2, 3), ...steps([0.01], [3], "uint8", [])]),
  one("DequantizeLinear", [bytes("int8", 2, 3), k([0.1, 0.2], "float32")], { axis: 0 }),
  one(
    "QLinearConv",
    [
      bytes("uint8", 1, 2, 7, 5),
      ...steps([0.01], [3], "uint8", []),
      { ...bytes("int8", 4, 2, 3, 3), constant: true },
      ...steps([0.1, 0.2, 0.3, 0.4], [0, 0, 0, 0], "int8"),
      ...steps([0.5], [9], "uint8", []),
      k([1, 2, 3, 4], "int32"),
    ],
    { pads: [1, 0, 2, 1], strides: [2, 1] },
  ),
  ...[[], steps([0.5], [9], "uint8", [])].map((rounded) =>
    microsoft(
      "QGemm",
      [
        bytes("uint8", 2, 3),
        ...steps([0.01], [3], "uint8", []),
        { ...bytes("int8", 4, 3), constant: true },
        ...steps([0.1, 0.2, 0.3, 0.4], [0, 0, 0, 0], "int8"),
        k([1, 2, 3, 4], "int32"),
        ...rounded,
      ],
      { alpha: 1, transA: 0, transB: 1 },
    ),
  ),
];

const recurrent = [
  one("LSTM", [x(5, 2, 3), x(1, 16, 3), x(1, 16, 4)], { hidden_size: 4 }, 3),
  one("LSTM", [x(5, 2, 3), x(2, 16, 3), x(2, 16, 4)], { hidden_size: 4, direction: "bidirectional" }, 3),
  one("GRU", [x(5, 2, 3), x(1, 12, 3), x(1, 12, 4)], { hidden_size: 4 }, 2),
  one("RNN", [x(5, 2, 3), x(1, 4, 3), x(1, 4, 4)], { hidden_size: 4 }, 2),
];

/** At least one sample of every operator of the ONNX standard that a graph can hold. */
export const operatorSamples: readonly OperatorSample[] = [
  ...elementwise,
  ...reductions,
  ...movements,
  ...matrices,
  ...convolutions,
  ...normalizations,
  ...quantizations,
  ...recurrent,
];
