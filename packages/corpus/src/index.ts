export { type ActionUnit, type ActionUnits, actionUnits, actionUnitsOf } from "./action-units.ts";
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
export type { Framing, Point, Pose } from "./head-pose.ts";
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
export { type Portrait, type PortraitLabels, type PortraitOptions, portrait } from "./portrait.ts";
export { type SampleOptions, sample } from "./sample.ts";
export { type Background, type BackgroundStyle, backgroundStyles, type Light, type Scene, scene } from "./scene.ts";
export { type Sheet, type SheetOptions, sheet } from "./sheet.ts";
export { type SpeakOptions, speak } from "./speak.ts";
export { type Split, split, splits } from "./split.ts";
export { blendMouthShapes, type MouthShape, mouthShape, type Viseme, visemes } from "./viseme.ts";
