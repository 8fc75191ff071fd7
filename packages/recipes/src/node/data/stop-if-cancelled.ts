import { ProsoponError } from "@prosopon/errors";

/** Throws where the caller gave up; `what` is cancelled, and can be gone on with. @throws `cancelled`. */
export function stopIfCancelled(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted)
    throw new ProsoponError("cancelled", `${what} was cancelled.`, {
      mend: "What is done is kept: the same command goes on.",
      cause: signal.reason,
    });
}
