export { decoder } from "./decoder.ts";
export { type DiscriminatorConfig, type DiscriminatorOptions, discriminator } from "./discriminator.ts";
export { encoder } from "./encoder.ts";
export {
  type DecodeOptions,
  declareFirstStage,
  decode,
  encode,
  encodeMoments,
  type LatentMoments,
} from "./first-stage.ts";
export { type Quantized, type QuantizeOptions, quantize } from "./quantize.ts";
export { type VqganConfig, type VqganConfigInput, vqganConfig, vqganConfigSchema } from "./vqgan-config.ts";
export { adaptiveWeight, type VqganLosses, type VqganLossOptions, vqganLosses } from "./vqgan-losses.ts";
