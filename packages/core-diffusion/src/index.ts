export { ancestral, ancestralStep } from "./sampling/ancestral.ts";
export { ddim, ddimStep } from "./sampling/ddim.ts";
export {
  type DdimPlan,
  type DdimPlanOptions,
  type DdimStep,
  ddimPlan,
  type InversionPlanOptions,
  inversionPlan,
} from "./sampling/ddim-plan.ts";
export { quadraticTimes, strengthTimes, type Times, uniformTimes } from "./sampling/ddim-times.ts";
export {
  type CallOptions,
  type Denoiser,
  denoiser,
  type Network,
  type NoiseLevel,
  type Parameterisation,
  type Prediction,
  type Reading,
  readingOf,
} from "./sampling/denoiser.ts";
export {
  type DpmSolverOptions,
  dpmSolver,
  dpmSolverStep,
  type SolverLevel,
  solverLevel,
} from "./sampling/dpm-solver.ts";
export {
  type FusedPhase,
  type FusedSample,
  type FusedSamplerOptions,
  fusedSampler,
  type PlanValues,
  planInputs,
  planTensors,
} from "./sampling/fused-sampler.ts";
export { type GuidedOptions, guided, guideOutput, guides } from "./sampling/guidance.ts";
export { combine, diffuse, type Latents } from "./sampling/latents.ts";
export { plms } from "./sampling/plms.ts";
export { lastOf, type SampleOptions, type Sampler, type SamplerStep } from "./sampling/sampler.ts";
export { type CosineScheduleOptions, cosineSchedule } from "./schedule/cosine-schedule.ts";
export { type LinearScheduleOptions, linearSchedule } from "./schedule/linear-schedule.ts";
export { alphaAt, type NoiseSchedule, scheduleOfBetas } from "./schedule/noise-schedule.ts";
export {
  boundWeights,
  type Posterior,
  posteriorAt,
  type ScheduleBufferName,
  scheduleBufferNames,
  scheduleBuffers,
} from "./schedule/schedule-buffers.ts";
export { zeroTerminal } from "./schedule/zero-terminal.ts";
export { type DiffusionLoss, type DiffusionLossOptions, diffusionLoss } from "./training/diffusion-loss.ts";
export { timestepEmbedding } from "./unet/timestep-embedding.ts";
export type { SingleToken } from "./unet/transformer-block.ts";
export { type UnetInputs, type UnetOptions, unet } from "./unet/unet.ts";
export { type UnetConfig, type UnetConfigInput, unetConfig, unetConfigSchema } from "./unet/unet-config.ts";
