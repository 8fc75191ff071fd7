import { type DdimPlan, ddimPlan, exponentialGrid, gridPlan, karrasGrid } from "@prosopon/core-diffusion";
import type { EditModel } from "./edit-model.ts";
import type { EditSettings } from "./edit-options.ts";
import { editTimes } from "./edit-times.ts";

/** The levels of the way back, from that of the strength to that of the first time, whatever lies between. */
export function editPlan(
  { schedule, times }: Pick<EditModel, "schedule" | "times">,
  { steps, strength, sigmas, eta }: Pick<EditSettings, "steps" | "strength" | "sigmas" | "eta">,
): DdimPlan {
  const walked = editTimes(steps, strength, times);
  if (sigmas === "times") return ddimPlan(schedule, walked, { eta });
  const last = walked.at(-1)!;
  const grid = sigmas === "karras" ? karrasGrid : exponentialGrid;
  const below = (from: number, count: number) => gridPlan(grid(schedule, { steps: count, from, to: 0 }), { eta });
  if (schedule[last]! > 0) return below(last, steps);
  // Pure noise has no finite sigma: the first step leaves it for the time before.
  if (steps === 1) return ddimPlan(schedule, [last], { eta });
  const [out] = ddimPlan(schedule, [last - 1, last], { eta });
  return [out!, ...below(last - 1, steps - 1)];
}
