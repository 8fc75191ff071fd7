export { declare } from "./declare.ts";
export type { Expert, ExpertInput, ParameterSource } from "./expert.ts";
export { initialize } from "./initialize.ts";
export { type AttentionOptions, attention, mergeHeads, splitHeads } from "./layers/attention.ts";
export { type BatchNormOptions, batchNorm, isRunningStatistic } from "./layers/batch-norm.ts";
export { type ConvolutionLayerOptions, conv1d, conv2d, conv3d, convolution } from "./layers/convolution.ts";
export { type EmbeddingOptions, embedding } from "./layers/embedding.ts";
export { fanInUniform, glorotUniform, ones, zeros } from "./layers/fan-in.ts";
export { type GroupNormOptions, groupNorm } from "./layers/group-norm.ts";
export { type LayerNormOptions, layerNorm } from "./layers/layer-norm.ts";
export { type LinearOptions, linear, linearHalves } from "./layers/linear.ts";
export { type MultiHeadAttentionOptions, multiHeadAttention } from "./layers/multi-head-attention.ts";
export { type PreluOptions, preluLayer } from "./layers/prelu-layer.ts";
export { isLora, type LoraOptions, lora, mergeLora } from "./lora.ts";
export { cosineDistance, cosineSimilarity } from "./losses/cosine.ts";
export { crossEntropy } from "./losses/cross-entropy.ts";
export { hingeDiscriminator, hingeGenerator } from "./losses/hinge.ts";
export { meanAbsoluteError, meanSquaredError } from "./losses/mean-error.ts";
export { type AdamWOptions, adam, adamW } from "./optimizers/adam-w.ts";
export { ema, emaRate } from "./optimizers/ema.ts";
export { clipFactor, globalNorm } from "./optimizers/global-norm.ts";
export type { Optimizer, OptimizerUpdate } from "./optimizers/optimizer.ts";
export {
  type CosineDecayOptions,
  constantRate,
  cosineDecay,
  type Schedule,
  startingAt,
  warmUp,
} from "./optimizers/schedules.ts";
export { except, type ParameterFilter, under } from "./parameter-filter.ts";
export { type Initializer, type ParameterSpec, type Scope, scope } from "./scope.ts";
