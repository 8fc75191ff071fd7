import { ProsoponError } from "@prosopon/errors";

/** @throws `cancelled` when the signal has fired. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ProsoponError("cancelled", "The operation was cancelled.", { cause: signal.reason });
}
