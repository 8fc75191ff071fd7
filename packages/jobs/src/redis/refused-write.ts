import { ProsoponError } from "@prosopon/errors";

/** Redis is there but takes no writes now: its disk or memory is full, it is loading, or it is a replica. */
const passing = /(^|-)(MISCONF|OOM|READONLY|NOREPLICAS|LOADING|MASTERDOWN)\b/;

/** Throws `unavailable` for what Redis refuses in passing, anything else as it is. */
export function refusedWrite(error: unknown): never {
  if (error instanceof Error && error.name === "ReplyError" && passing.test(error.message))
    throw new ProsoponError("unavailable", "Redis takes no writes.", {
      mend: "See to its disk and memory.",
      cause: error,
    });
  throw error;
}
