export { type ActionUnit, type ActionUnits, actionUnits, actionUnitsOf } from "./action-units.ts";
export { type Arpabet, arpabetToIpa } from "./arpabet.ts";
export type { Colour } from "./colour.ts";
export {
  type Emotion,
  emotionAliases,
  emotionIndex,
  emotionOf,
  emotions,
  type Intensity,
  intensities,
} from "./emotion.ts";
export { type ExpressionOptions, expression } from "./expression.ts";
export { type FittedPerson, fitPerson, ordinaryPerson, personLimits } from "./fit-person.ts";
export type { Framing, Point, Pose } from "./head-pose.ts";
export { type IdleFrame, type IdleMotionOptions, idleMotion } from "./idle-motion.ts";
export { ipaToViseme, type VisemeClass, visemesOf } from "./ipa-viseme.ts";
export { mouthOpening } from "./mouth-opening.ts";
export { type MouthFrame, type MouthTrackOptions, mouthTrack } from "./mouth-track.ts";
export {
  type BeardStyle,
  beardStyles,
  type ClothesStyle,
  clothesStyles,
  type GlassesStyle,
  glassesStyles,
  type HairStyle,
  hairStyles,
  type Person,
  person,
} from "./person.ts";
export type { Phone } from "./phone.ts";
export { type Portrait, type PortraitLabels, type PortraitOptions, portrait } from "./portrait.ts";
export { type SampleOptions, sample } from "./sample.ts";
export { type Background, type BackgroundStyle, backgroundStyles, type Light, type Scene, scene } from "./scene.ts";
export { sceneLandmarks } from "./scene-face.ts";
export { type SentenceStyle, sentence, sentenceCount, sentenceStyles, sentences } from "./sentence.ts";
export { type Sheet, type SheetOptions, sheet } from "./sheet.ts";
export { type SpeakOptions, speak } from "./speak.ts";
export { type Split, split, splits } from "./split.ts";
export { blendMouthShapes, type MouthShape, mouthShape, type Viseme, visemes } from "./viseme.ts";
