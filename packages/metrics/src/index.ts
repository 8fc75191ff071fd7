export { type Bootstrap, type BootstrapOptions, bootstrap, type Interval } from "./bootstrap.ts";
export type { ColourPlanes } from "./colour-planes.ts";
export { cosine } from "./cosine.ts";
export {
  type FeatureStatistics,
  type FeatureStatisticsOptions,
  featureStatistics,
} from "./distribution/feature-statistics.ts";
export { type Features, features } from "./distribution/features.ts";
export { type FrechetDistance, type FrechetDistanceOptions, frechetDistance } from "./distribution/frechet-distance.ts";
export { type InceptionScore, type InceptionScoreOptions, inceptionScore } from "./distribution/inception-score.ts";
export {
  type KernelDistance,
  type KernelDistanceOptions,
  type KernelOptions,
  kernelDistance,
  squaredDiscrepancy,
} from "./distribution/kernel-distance.ts";
export {
  type MatrixEntries,
  type MatrixProduct,
  type ProductShape,
  plainProduct,
} from "./distribution/matrix-product.ts";
export { type MatrixSquareRoot, matrixSquareRoot } from "./distribution/matrix-square-root.ts";
export { type NeighbourhoodOptions, type Neighbourhoods, neighbourhoods } from "./distribution/neighbourhoods.ts";
export { type PickSubset, subsetPicker } from "./distribution/pick-subset.ts";
export { decodeStatistics, encodeStatistics } from "./distribution/reference-statistics.ts";
export { type RuntimeProduct, type RuntimeProductOptions, runtimeProduct } from "./distribution/runtime-product.ts";
export { type SetStatisticsOptions, setStatistics } from "./distribution/set-statistics.ts";
export { type SymmetricEigen, type SymmetricEigenOptions, symmetricEigen } from "./distribution/symmetric-eigen.ts";
export {
  type EmotionAccuracy,
  type EmotionAccuracyOptions,
  type EmotionSample,
  type EmotionTally,
  emotionAccuracy,
} from "./emotion-accuracy.ts";
export {
  type EmotionShift,
  type EmotionShiftOptions,
  type EmotionShiftSample,
  emotionShift,
} from "./emotion-shift.ts";
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
export { type MultiScaleOptions, msSsim, multiScaleSimilarity } from "./multi-scale-similarity.ts";
export {
  type NearestIdentity,
  type NearestIdentityOptions,
  type NearestIdentitySample,
  nearestIdentity,
} from "./nearest-identity.ts";
export { type PsnrOptions, peakSignalToNoise, psnr } from "./peak-signal-to-noise.ts";
export { type SsimOptions, ssim, structuralSimilarity } from "./structural-similarity.ts";
export { binomialInterval } from "./studies/binomial-interval.ts";
export { planStudy, type StudyOptions, type StudyPlan, type Trial } from "./studies/plan-study.ts";
export { readStudyPlan } from "./studies/read-study-plan.ts";
export { studyPage } from "./studies/study-page.ts";
export { type StudyAnswer, type StudyResults, type StudyShare, studyResults } from "./studies/study-results.ts";
export type { Summary } from "./summary.ts";
export { type Cell, type Column, type Table, type TableOptions, table } from "./table.ts";
export { type Drift, drift } from "./talk/drift.ts";
export { flicker } from "./talk/flicker.ts";
export { atRate, type FilmedFace, lipPicture } from "./talk/lip-clip.ts";
export type { LipReader } from "./talk/lip-reader.ts";
export { mouthOpening } from "./talk/mouth-opening.ts";
export { sharpness } from "./talk/sharpness.ts";
export {
  type SilenceAperture,
  type SilenceApertureOptions,
  type SpokenFrame,
  silenceAperture,
} from "./talk/silence-aperture.ts";
export { type SoundEnvelopeOptions, soundEnvelope } from "./talk/sound-envelope.ts";
export { type SyncDistance, syncDistance } from "./talk/sync-distance.ts";
export { type SyncOffset, type SyncOffsetOptions, syncOffset } from "./talk/sync-offset.ts";
export { type AlignmentStep, alignTokens } from "./text/align-tokens.ts";
export { type CmuDictionaryOptions, cmuDictionary } from "./text/cmu-dictionary.ts";
export { type ErrorCounts, type ErrorRates, tokenErrors } from "./text/count-errors.ts";
export { type Normalization, normalizeText } from "./text/normalize-text.ts";
export { characters, type PlainUnitsOptions, words } from "./text/plain-units.ts";
export { printAlignment } from "./text/print-alignment.ts";
export { firstPronunciation, type Pronunciation } from "./text/pronunciation.ts";
export { spellingRules } from "./text/spelling-rules.ts";
export { type TextErrorRate, type TextPair, textErrorRate } from "./text/text-error-rate.ts";
export type { TextUnits } from "./text/text-units.ts";
export { corpusVisemes, type VisemeTable } from "./text/viseme-table.ts";
export { type VisemeUnitsOptions, visemeCharacters, visemeWords } from "./text/viseme-units.ts";
