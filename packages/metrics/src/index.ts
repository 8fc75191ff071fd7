export { cosine } from "./cosine.ts";
export {
  type EmotionAccuracy,
  type EmotionAccuracyOptions,
  type EmotionSample,
  type EmotionTally,
  emotionAccuracy,
} from "./emotion-accuracy.ts";
export { type IdentityCosineOptions, type IdentityPair, identityCosine } from "./identity-cosine.ts";
export type { ImagePair } from "./image-pair.ts";
export {
  type LandmarkErrorOptions,
  type LandmarkErrors,
  type LandmarkSample,
  landmarkError,
} from "./landmark-error.ts";
export { type ManipulationRow, type ManipulationTableOptions, manipulationTable } from "./manipulation-table.ts";
export { type MeanMetricOptions, meanMetric } from "./mean-metric.ts";
export type { Judgement, Metric } from "./metric.ts";
export {
  type NearestIdentity,
  type NearestIdentityOptions,
  type NearestIdentitySample,
  nearestIdentity,
} from "./nearest-identity.ts";
export { type PsnrOptions, peakSignalToNoise, psnr } from "./peak-signal-to-noise.ts";
export { type SsimOptions, ssim, structuralSimilarity } from "./structural-similarity.ts";
export type { Summary } from "./summary.ts";
export { type Cell, type Column, type Table, type TableOptions, table } from "./table.ts";
