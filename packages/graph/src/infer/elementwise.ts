import type { DType } from "../tensor.ts";
import { broadcast, type Inference, integer, need, wrong } from "./inference.ts";

const unary: Inference = (c) => [{ dtype: need(c, 0).dtype, shape: need(c, 0).shape }];

const same = (types: readonly DType[]): DType => {
  if (types.some((t) => t !== types[0])) throw wrong(`element types ${types.join(" and ")} differ; cast one of them.`);
  return types[0]!;
};

const variadic: Inference = (c) => {
  const values = c.inputs.map((_, i) => need(c, i));
  return [{ dtype: same(values.map((v) => v.dtype)), shape: broadcast(...values.map((v) => v.shape)) }];
};

const comparison: Inference = (c) => [{ dtype: "bool", shape: variadic(c)[0]!.shape }];
const test: Inference = (c) => [{ dtype: "bool", shape: need(c, 0).shape }];

/** ONNX TensorProto.DataType numbers. */
export const onnxTypes: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
};

export function typeOfNumber(number: number): DType {
  const found = (Object.keys(onnxTypes) as DType[]).find((t) => onnxTypes[t] === number);
  if (!found) throw wrong(`ONNX element type ${number} is not supported.`);
  return found;
}

const unaryNames =
  "Abs Neg Exp Log Sqrt Reciprocal Erf Sin Cos Tan Asin Acos Atan Sinh Cosh Tanh Sigmoid Relu LeakyRelu Elu Selu Celu Softplus Softsign HardSigmoid HardSwish Mish ThresholdedRelu Floor Ceil Round Sign Identity Gelu Softmax LogSoftmax Hardmax Clip Dropout BitwiseNot Not";

export const elementwiseInferences = (): Record<string, Inference> => ({
  ...Object.fromEntries(unaryNames.split(" ").map((name) => [name, unary])),
  "prosopon.StopGradient": unary,
  "prosopon.After": unary,
  "com.microsoft.QuickGelu": unary,
  "com.microsoft.Gelu": unary,
  ...Object.fromEntries("Add Sub Mul Div Mod Max Min Sum Mean And Or Xor".split(" ").map((name) => [name, variadic])),
  ...Object.fromEntries("Equal Greater GreaterOrEqual Less LessOrEqual".split(" ").map((name) => [name, comparison])),
  IsNaN: test,
  IsInf: test,
  Pow: (c) => [{ dtype: need(c, 0).dtype, shape: broadcast(need(c, 0).shape, need(c, 1).shape) }],
  PRelu: (c) => {
    const shape = broadcast(need(c, 0).shape, need(c, 1).shape);
    if (`${shape}` !== `${need(c, 0).shape}`) throw wrong(`the slope [${need(c, 1).shape}] is larger than the input.`);
    return [{ dtype: need(c, 0).dtype, shape }];
  },
  Where: (c) => [
    {
      dtype: same([need(c, 1).dtype, need(c, 2).dtype]),
      shape: broadcast(need(c, 0).shape, need(c, 1).shape, need(c, 2).shape),
    },
  ],
  Cast: (c) => [{ dtype: typeOfNumber(integer(c.attributes["to"], 1)), shape: need(c, 0).shape }],
});
