export { compileStep } from "./compile-step.ts";
export {
  type DataSource,
  type ShuffleOptions,
  shuffledIndices,
  type TensorBatchesOptions,
  takeRows,
  tensorBatches,
} from "./data-source.ts";
export { type CurveOptions, type LossCurveOptions, type LossRow, lossCurve } from "./loss-curve.ts";
export type { Slot, SlotKind } from "./slot.ts";
export type {
  AverageOptions,
  InputSpecification,
  LossOptions,
  StepContext,
  StepDefinition,
} from "./step-definition.ts";
export type { Carried, Counters, StepProgram } from "./step-program.ts";
export { type CheckpointEvent, type StepEvent, type TrainingEvent, type TrainOptions, train } from "./train.ts";
export { createTrainer, type StepResult, type Trainer, type TrainerOptions } from "./trainer.ts";
export { averagesOf, type InitialStateOptions, initialState, type TrainingState, weightsOf } from "./training-state.ts";
