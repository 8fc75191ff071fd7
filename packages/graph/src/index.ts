export { type ApplyOptions, apply, apply1 } from "./apply.ts";
export { constant, constantNumbers, constantOf, constantTensor } from "./constant.ts";
export { countOperations, type OperationCount } from "./count-operations.ts";
export type { BindOptions } from "./decode/bind-shape.ts";
export { type DecodeOptions, decodeModel, decodeWeights } from "./decode/decode-model.ts";
export type { ExternalData } from "./decode/read-tensor.ts";
export { type EncodeOptions, encodeModel } from "./encode/encode-model.ts";
export { isFloatAttribute } from "./encode/float-attributes.ts";
export type { GradientContext, GradientRule, GradientRules } from "./gradient/gradient-rule.ts";
export { type GradientsOptions, gradients } from "./gradient/gradients.ts";
export type { Recompute } from "./gradient/recompute.ts";
export { rules } from "./gradient/rules.ts";
export { stopGradient } from "./gradient/stop-gradient.ts";
export {
  type Attribute,
  type Attributes,
  type Graph,
  graph,
  input,
  type Node,
  output,
  parameter,
  type Value,
  within,
} from "./graph.ts";
export { type ActivationRange, type ActivationRanges, joinRanges, type Range } from "./lower/activation-ranges.ts";
export { lower } from "./lower/lower.ts";
export { observedRanges, observeRanges } from "./lower/observe-ranges.ts";
export { type Quantizable, quantizable } from "./lower/quantizable.ts";
export { quantize } from "./lower/quantize.ts";
export { type Rewrite, rewrite } from "./lower/rewrite.ts";
export { allocate, scalar, sizeOf, tensor } from "./make-tensor.ts";
export {
  averagePool,
  type ConvolutionOptions,
  type ConvTransposeOptions,
  conv,
  convTranspose,
  globalAveragePool,
  maxPool,
  type PoolOptions,
} from "./ops/convolution.ts";
export {
  abs,
  add,
  cast,
  clip,
  cos,
  div,
  equal,
  erf,
  exp,
  floor,
  gelu,
  greater,
  greaterOrEqual,
  identity,
  leakyRelu,
  less,
  lessOrEqual,
  log,
  logSoftmax,
  maximum,
  minimum,
  mul,
  neg,
  type Operand,
  pow,
  prelu,
  reciprocal,
  relu,
  sigmoid,
  sign,
  silu,
  sin,
  softmax,
  softplus,
  sqrt,
  square,
  sub,
  tanh,
  where,
} from "./ops/elementwise.ts";
export { type FusedMatMulOptions, fusedMatMul, type GemmOptions, gemm, matMul } from "./ops/matrix.ts";
export {
  concat,
  expand,
  flatten,
  gather,
  pad,
  reshape,
  resizeLinear,
  resizeNearest,
  type SliceOptions,
  slice,
  split,
  squeeze,
  transpose,
  unsqueeze,
} from "./ops/movement.ts";
export {
  batchNormalization,
  groupNormalization,
  instanceNormalization,
  layerNormalization,
} from "./ops/normalization.ts";
export { dequantizeLinear, type Quantized, qGemm, qLinearConv, quantizeLinear } from "./ops/quantization.ts";
export {
  argMax,
  argMin,
  type ReduceOptions,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceSum,
  topK,
} from "./ops/reduction.ts";
export { print } from "./print.ts";
export { prune } from "./prune.ts";
export { bytesPerElement, type DType, type Tensor, type TypedArrays } from "./tensor.ts";
