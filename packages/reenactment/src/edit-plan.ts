import { type DdimPlan, ddimPlan, exponentialGrid, gridPlan, karrasGrid } from "@prosopon/core-diffusion";
import { ProsoponError } from "@prosopon/errors";
import type { EditModel } from "./edit-model.ts";
import type { EditSettings } from "./edit-options.ts";
import { editTimes } from "./edit-times.ts";

/**
 * The levels of the way back, from that of the strength to that of the first time, whatever lies between.
 * @throws `bad-input` for sigmas that cannot begin in pure noise.
 */
export function editPlan(
  { schedule, times }: Pick<EditModel, "schedule" | "times">,
  { steps, strength, sigmas, eta }: Pick<EditSettings, "steps" | "strength" | "sigmas" | "eta">,
): DdimPlan {
  const walked = editTimes(steps, strength, times);
  if (sigmas === "times") return ddimPlan(schedule, walked, { eta });
  const from = walked.at(-1)!;
  if (schedule[from] === 0)
    throw new ProsoponError("bad-input", `The sigmas ${sigmas} cannot begin in pure noise, where this schedule ends.`, {
      values: { sigmas },
      mend: "Use the sigmas times.",
    });
  const grid = sigmas === "karras" ? karrasGrid : exponentialGrid;
  return gridPlan(grid(schedule, { steps, from, to: 0 }), { eta });
}
