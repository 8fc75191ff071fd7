import type { Times } from "@prosopon/core-diffusion";
import { ProsoponError } from "@prosopon/errors";

/**
 * Times of few-step sampling, rising: the last is the schedule's last, the others evenly below ("trailing" spacing of Lin et al. 2024),
 * so that a frame really starts from noise even with one step. @throws `bad-input` for more steps than times.
 */
export function frameTimes(steps: number, total: number): Times {
  if (!(Number.isInteger(steps) && steps >= 1 && steps <= total))
    throw new ProsoponError("bad-input", `${steps} steps do not fit a schedule of ${total} times.`, {
      values: { steps, total },
      mend: `Ask for 1 to ${total} steps.`,
    });
  return Array.from({ length: steps }, (_, i) => Math.round((total * (i + 1)) / steps) - 1);
}
