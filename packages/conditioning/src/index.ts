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
export { type DropOptions, dropInput, dropMasks } from "./drop-masks.ts";
export { type Emotion, type EmotionOptions, emotion, emotionClasses } from "./emotion.ts";
