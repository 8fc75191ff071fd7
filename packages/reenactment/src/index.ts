export {
  type CreateReconstructorOptions,
  createReconstructor,
  type Reconstructor,
} from "./create-reconstructor.ts";
export {
  type EditSettings,
  type EditSettingsInput,
  editSettings,
  editSettingsSchema,
} from "./edit-options.ts";
export { editTimes } from "./edit-times.ts";
export {
  type CreateEditorOptions,
  createEditor,
  type EditAllOptions,
  type EditEvent,
  type EditOptions,
  type Editor,
  type EditResult,
  type GenerateOptions,
  type GenerateResult,
  type InterpolateOptions,
  type InterpolateResult,
  type InvertOptions,
  type Planes,
} from "./editor.ts";
export { finish } from "./finish.ts";
export { type Neighbour, nearest } from "./nearest.ts";
export { type PlanSolverOptions, planSolver } from "./plan-solver.ts";
export type { EmotionDenoiser, EmotionDenoiserConfig, FirstStage, Parameters } from "./programs.ts";
export { type SamplerName, samplerNames, samplerOf } from "./sampler-of.ts";
