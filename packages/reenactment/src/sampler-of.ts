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
  predictorCorrector,
  probabilityFlow,
  type Sampler,
  scheduleSde,
  singlestep,
  uniPc,
} from "@prosopon/core-diffusion";
import { ProsoponError } from "@prosopon/errors";
import { planSolver } from "./plan-solver.ts";
import { type SamplerName, samplerNames, samplers } from "./samplers.ts";

export interface SamplerOfOptions {
  /** How many samples the latents hold; default 1. */
  readonly samples?: number;
}

/**
 * A sampler along the levels of a DDIM plan, so that each goes from the same noise to the same end (those of the VP SDE lay their own between).
 * @throws `bad-input` for one that cannot begin in pure noise where the plan does.
 */
export function samplerOf(
  name: SamplerName,
  schedule: NoiseSchedule,
  plan: DdimPlan,
  { samples = 1 }: SamplerOfOptions = {},
): Sampler {
  if (plan[0]?.from === 0 && !samplers[name].pureNoise)
    throw new ProsoponError("bad-input", `The sampler ${name} cannot begin in pure noise, where this schedule ends.`, {
      values: { sampler: name },
      mend: `Use one of ${samplerNames.filter((one) => samplers[one].pureNoise).join(", ")}.`,
    });
  const grid = () => planGrid(schedule, plan);
  const sde = () => scheduleSde(schedule, plan[0]!.time);
  const steps = plan.length;
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
    case "vp-flow":
      return probabilityFlow(sde(), { steps, order: 4 });
    case "vp-sde":
      return predictorCorrector(sde(), { steps, samples });
    case "few-step":
      return fewStep(grid());
  }
}
