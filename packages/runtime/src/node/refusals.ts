import { ProsoponError } from "@prosopon/errors";
import type { Handle } from "../session.ts";

/** The caller's signal fired. */
export const cancelled = (signal: AbortSignal): ProsoponError =>
  new ProsoponError("cancelled", "The call was cancelled.", { cause: signal.reason });

export const closedHost = (): ProsoponError => new ProsoponError("bad-input", "The host is closed.");

export const closedSession = (): ProsoponError => new ProsoponError("bad-input", "The session is closed.");

/** A handle that is not among the host's tensors. */
export const lostHandle = ({ id, dtype, shape }: Handle): ProsoponError =>
  new ProsoponError("bad-input", `Handle ${id}, ${dtype} [${shape}], was released, or another host made it.`, {
    values: { id, dtype, shape },
  });
