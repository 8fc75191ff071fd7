export {
  type EditSettings,
  type EditSettingsInput,
  editSettings,
  editSettingsSchema,
  type SamplerName,
  samplerNames,
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
  type InvertOptions,
  type Planes,
} from "./editor.ts";
export { finish } from "./finish.ts";
export { type PlanSolverOptions, planSolver } from "./plan-solver.ts";
export type { EmotionDenoiser, EmotionDenoiserConfig, FirstStage, Parameters } from "./programs.ts";
