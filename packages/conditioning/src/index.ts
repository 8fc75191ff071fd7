export { type AudioFeatures, type ExtractOptions, framesOf } from "./audio-features.ts";
export {
  type AudioWindow,
  type AudioWindowCondition,
  type AudioWindowOptions,
  audioWindow,
} from "./audio-window.ts";
export type { ConditionEncoder, EncodedCondition, EncodeOptions, Injection } from "./condition-encoder.ts";
export {
  type ConditionRecord,
  type Conditions,
  type ConditionsOptions,
  conditions,
  type EncodeConditionsOptions,
  type EncodedConditions,
  type Injected,
  type InputOf,
} from "./conditions.ts";
export { type Controls, type ControlsOptions, controls } from "./controls.ts";
export { type DropOptions, dropInput, dropMasks } from "./drop-masks.ts";
export { type Emotion, type EmotionOptions, emotion, emotionClasses } from "./emotion.ts";
export type { FaceLandmarks } from "./face-landmarks.ts";
export { type IdentityIndexOptions, identityIndex } from "./identity-index.ts";
export { interpolateFrames } from "./interpolate-frames.ts";
export { type LandmarksOptions, landmarks } from "./landmarks.ts";
export {
  identityFrame,
  type LatentFrame,
  type LatentFrameOptions,
  maskedTarget,
  motionFrames,
} from "./latent-frames.ts";
export { type LogMelOptions, logMel } from "./log-mel.ts";
export { type MaskOptions, maskLowerFace, maskRow } from "./mask-lower-face.ts";
export { type SquareCrop, type StableFace, stableCrop, stableFace } from "./stable-crop.ts";
export { type LatentShape, type TalkConditionName, talkConditions } from "./talk/talk-conditions.ts";
export {
  type TalkConditions,
  type TalkConfig,
  talkConditionsSchema,
  talkConfigSchema,
} from "./talk/talk-config.ts";
export { type TalkBranches, talkNetwork } from "./talk/talk-network.ts";
export { type TemporalAttention, temporalAttention } from "./temporal-attention.ts";
export { type UprightCropOptions, uprightCrop } from "./upright-crop.ts";
export { type Wav2Vec2Options, type Wav2Vec2Values, wav2vec2 } from "./wav2vec2.ts";
export { type Wav2Vec2Config, wav2vec2Base, wav2vec2LargeLetters } from "./wav2vec2-config.ts";
export {
  type Wav2Vec2Features,
  type Wav2Vec2FeaturesOptions,
  type Wav2Vec2Kind,
  wav2vec2Features,
} from "./wav2vec2-features.ts";
export { type Wav2Vec2Weight, wav2vec2Weights } from "./wav2vec2-weights.ts";
export { type WindowOptions, windowOf } from "./window-of.ts";
