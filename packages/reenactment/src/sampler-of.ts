import {
  ancestralAlong,
  type DdimPlan,
  ddim,
  euler,
  fewStep,
  heun,
  multistepSde,
  type NoiseSchedule,
  planGrid,
  plms,
  type Sampler,
  singlestep,
  uniPc,
} from "@prosopon/core-diffusion";
import { planSolver } from "./plan-solver.ts";
import type { SamplerName } from "./samplers.ts";

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
    case "euler":
      return euler(grid());
    case "heun":
      return heun(grid());
    case "plms":
      return plms(plan);
    case "ancestral":
      return ancestralAlong(plan);
    case "few-step":
      return fewStep(grid());
  }
}
