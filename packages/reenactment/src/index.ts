export { type CalibratedRanges, type CalibrateOptions, calibrate } from "./calibrate.ts";
export {
  type CreateReconstructorOptions,
  createReconstructor,
  type Reconstructor,
} from "./create-reconstructor.ts";
export type { EditEvent } from "./edit-event.ts";
export {
  type EditDefaults,
  type EditSettings,
  type EditSettingsInput,
  editSettings,
  editSettingsSchema,
} from "./edit-options.ts";
export type { EditAllOptions, EditOptions, EditResult } from "./edit-picture.ts";
export { editTimes } from "./edit-times.ts";
export { type CreateEditorOptions, createEditor, type Editor } from "./editor.ts";
export { finish } from "./finish.ts";
export { type GenerateOptions, type GenerateResult, generationSettings } from "./generate.ts";
export type { InterpolateOptions, InterpolateResult } from "./interpolate.ts";
export type { InvertOptions } from "./inverted.ts";
export { type Neighbour, nearest } from "./nearest.ts";
export { type PlanSolverOptions, planSolver } from "./plan-solver.ts";
export type { Planes } from "./planes.ts";
export type { EmotionDenoiser, EmotionDenoiserConfig, FirstStage, Parameters } from "./programs.ts";
export { type SamplerOfOptions, samplerOf } from "./sampler-of.ts";
export {
  type InversionName,
  inversionNames,
  type Precision,
  precisions,
  type SamplerFacts,
  type SamplerName,
  type SigmaName,
  samplerNames,
  samplers,
  sigmaNames,
  usualSteps,
} from "./samplers.ts";
