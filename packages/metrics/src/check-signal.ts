import { ProsoponError } from "@prosopon/errors";

/** @throws `cancelled` once the signal has fired. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ProsoponError("cancelled", "The judgement was cancelled.", { cause: signal.reason });
}
