import { isProsoponError, ProsoponError } from "@prosopon/errors";

/** The refusal of one job more. */
export const queueFull = (tenant: string, waiting: number, retryAfterMilliseconds: number): ProsoponError =>
  new ProsoponError("unavailable", `Tenant "${tenant}" has ${waiting} jobs that have not ended.`, {
    values: { tenant, waiting, retryAfterMilliseconds },
    mend: `Try again in ${Math.ceil(retryAfterMilliseconds / 1000)} s, or cancel one.`,
  });

/** How many milliseconds to wait before submitting again; undefined for any other error than a full queue. */
export function retryAfter(error: unknown): number | undefined {
  const after = isProsoponError(error) && error.code === "unavailable" && error.values["retryAfterMilliseconds"];
  return typeof after === "number" ? after : undefined;
}
