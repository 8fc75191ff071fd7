export { type DenoiserStepOptions, denoiserStep, reenactmentConditions } from "./denoiser-step.ts";
export { type FirstStageStepOptions, firstStageStep } from "./first-stage-step.ts";
