import { ProsoponError } from "@prosopon/errors";
import type { Job } from "./job.ts";

/** A job that ended well. @throws `crashed`, `cancelled` or `unavailable` (expired) for one that did not. */
export function succeeded(job: Job): Job {
  const { id, state, error } = job;
  if (state === "FAILED") throw new ProsoponError("crashed", error?.message ?? `Job ${id} failed.`, { values: { id } });
  if (state === "CANCELLED") throw new ProsoponError("cancelled", `Job ${id} was cancelled.`, { values: { id } });
  if (state === "EXPIRED") {
    throw new ProsoponError("unavailable", `No worker took job ${id} in time.`, {
      values: { id },
      mend: "Try again later.",
    });
  }
  return job;
}
