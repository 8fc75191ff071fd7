import { strengthTimes, type Times } from "@prosopon/core-diffusion";
import { isProsoponError, ProsoponError } from "@prosopon/errors";

function fitting(steps: number, strength: number, total: number): Times | undefined {
  if (steps === 1) return [strength];
  try {
    return strengthTimes(steps, strength / total, total);
  } catch (error) {
    if (isProsoponError(error) && error.code === "bad-input") return undefined;
    throw error;
  }
}

/**
 * The times of an edit: `steps` whole times from 1 to `strength`, as the reference lays them (its variant B); one step goes straight to
 * `strength`. @throws `bad-input` when so many do not fit, with the largest number that does.
 */
export function editTimes(steps: number, strength: number, total: number): Times {
  const times = fitting(steps, strength, total);
  if (times) return times;
  let most = Math.min(steps, strength);
  while (most > 1 && !fitting(most, strength, total)) most--;
  throw new ProsoponError("bad-input", `${steps} steps do not fit below strength ${strength}.`, {
    values: { steps, strength },
    mend: `Use at most ${most} steps, or a strength of about ${Math.min(total - 1, 2 * steps)} and more.`,
  });
}
