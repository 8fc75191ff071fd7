import { convolutionInferences } from "./convolution.ts";
import { type Inference, type InferenceContext, need, wrong } from "./inference.ts";
import { matrixInferences } from "./matrix.ts";

/** What an operator on integers makes of its operands' shapes is what its float sibling makes of them. */
const like = (sibling: Inference, c: InferenceContext, inputs: InferenceContext["inputs"]): readonly number[] =>
  sibling({ ...c, inputs, constants: inputs.map(() => undefined) })[0]!.shape;

const byte = (c: InferenceContext, i: number): void => {
  const { name, dtype } = need(c, i);
  if (dtype !== "uint8" && dtype !== "int8") throw wrong(`"${name}" is ${dtype}, not uint8 or int8.`);
};

export const quantizationInferences = (): Record<string, Inference> => ({
  QuantizeLinear: (c) => [{ dtype: c.inputs[2]?.dtype ?? "uint8", shape: need(c, 0).shape }],
  DequantizeLinear: (c) => [{ dtype: need(c, 1).dtype, shape: need(c, 0).shape }],
  // x, its scale and zero point, w, ditto, scale and zero point of the result, bias.
  QLinearConv: (c) => {
    for (const i of [0, 3, 7]) byte(c, i);
    const shape = like(convolutionInferences()["Conv"]!, c, [c.inputs[0], c.inputs[3], c.inputs[8]]);
    return [{ dtype: need(c, 7).dtype, shape }];
  },
  // a, its scale and zero point, b, ditto, bias; with scale and zero point of the result it would stay in integers.
  "com.microsoft.QGemm": (c) => {
    for (const i of [0, 3]) byte(c, i);
    const shape = like(matrixInferences()["Gemm"]!, c, [c.inputs[0], c.inputs[3], c.inputs[6]]);
    return [{ dtype: c.inputs[8]?.dtype ?? "float32", shape }];
  },
});
