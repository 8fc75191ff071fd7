import {
  type DdimPlan,
  ddim,
  fewStep,
  heun,
  multistepSde,
  type NoiseSchedule,
  planGrid,
  type Sampler,
  singlestep,
  uniPc,
} from "@prosopon/core-diffusion";
import { planSolver } from "./plan-solver.ts";

/** The ways from noise to a picture, by the names of the settings. */
export const samplerNames = [
  "ddim",
  "dpmpp-2m",
  "dpmpp-2s",
  "dpmpp-3s",
  "dpmpp-sde",
  "unipc",
  "heun",
  "few-step",
] as const;
export type SamplerName = (typeof samplerNames)[number];

/** A sampler along the levels of a DDIM plan, so that each goes from the same noise to the same end. */
export function samplerOf(name: SamplerName, schedule: NoiseSchedule, plan: DdimPlan): Sampler {
  const grid = () => planGrid(schedule, plan);
  switch (name) {
    case "ddim":
      return ddim(plan);
    case "dpmpp-2m":
      return planSolver(plan);
    case "dpmpp-2s":
      return singlestep(grid());
    case "dpmpp-3s":
      return singlestep(grid(), { order: 3 });
    case "dpmpp-sde":
      return multistepSde(grid());
    case "unipc":
      return uniPc(grid());
    case "heun":
      return heun(grid());
    case "few-step":
      return fewStep(grid());
  }
}
