export { ancestral, ancestralAlong, ancestralStep } from "./sampling/ancestral.ts";
export { type AnnealedLangevinOptions, annealedLangevin, geometricSigmas } from "./sampling/annealed-langevin.ts";
export { classifierGradient, classifierGuided, type LogProbabilityGradient } from "./sampling/classifier-guidance.ts";
export { ddim, ddimStep } from "./sampling/ddim.ts";
export {
  type DdimPlan,
  type DdimPlanOptions,
  type DdimStep,
  ddimPlan,
  type InversionPlanOptions,
  inversionPlan,
  reversedPlan,
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
export { type Edict, type EdictOptions, type EdictPair, type EdictStep, edict } from "./sampling/edict.ts";
export { euler, heun } from "./sampling/euler-heun.ts";
export { fewStep } from "./sampling/few-step.ts";
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
export { guideMany, guideManyValues, rescaleGuidance, rescaleGuidanceValues } from "./sampling/guide-many.ts";
export { combine, diffuse, type Latents, slerp } from "./sampling/latents.ts";
export { blend, maskedDenoiser } from "./sampling/masked.ts";
export { type MultistepSdeOptions, multistepSde } from "./sampling/multistep-sde.ts";
export { plms } from "./sampling/plms.ts";
export { type PredictorCorrectorOptions, predictorCorrector } from "./sampling/predictor-corrector.ts";
export { type ProbabilityFlowOptions, probabilityFlow } from "./sampling/probability-flow.ts";
export { lastOf, type SampleOptions, type Sampler, type SamplerStep } from "./sampling/sampler.ts";
export { scheduleSde } from "./sampling/schedule-sde.ts";
export { type DiffusionSde, scoreOf, type VeSdeOptions, type VpSdeOptions, veSde, vpSde } from "./sampling/sde.ts";
export { type SinglestepOptions, singlestep } from "./sampling/singlestep.ts";
export {
  exponentialGrid,
  type GridLevel,
  type GridOptions,
  gridPlan,
  type KarrasGridOptions,
  karrasGrid,
  planGrid,
  type SolverGrid,
  timeGrid,
} from "./sampling/solver-grid.ts";
export { type UniPcOptions, uniPc } from "./sampling/uni-pc.ts";
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
export { type BitsOptions, type BitsPerDimension, bitsPerDimension } from "./training/bits-per-dimension.ts";
export { type DiffusionLoss, type DiffusionLossOptions, diffusionLoss } from "./training/diffusion-loss.ts";
export { timestepEmbedding } from "./unet/timestep-embedding.ts";
export type { SingleToken } from "./unet/transformer-block.ts";
export { type UnetInputs, type UnetOptions, unet } from "./unet/unet.ts";
export { type UnetConfig, type UnetConfigInput, unetConfig, unetConfigSchema } from "./unet/unet-config.ts";
