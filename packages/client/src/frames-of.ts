import { ProsoponError } from "@prosopon/errors";
import type { Frame, StreamEvent } from "./stream-event.ts";

/** The frames alone. @throws `crashed`, `cancelled` or `unavailable` (expired) for a stream that did not complete. */
export function framesOf(events: AsyncIterableIterator<StreamEvent>): AsyncIterable<Frame> {
  let iterator: AsyncIterator<Frame> | undefined;
  const done = { done: true, value: undefined } as const;
  iterator = {
    async next() {
      while (true) {
        const { done: over, value } = await events.next();
        if (over) return done;
        if (value.type === "frame") return { done: false, value };
        if (value.type !== "end") continue;
        const { reason, message } = value;
        if (reason === "FAILED") throw new ProsoponError("crashed", message ?? "The job failed.");
        if (reason === "CANCELLED") throw new ProsoponError("cancelled", "The job was cancelled.");
        if (reason === "EXPIRED") throw new ProsoponError("unavailable", "No worker took the job in time.");
        return done;
      }
    },
    async return() {
      await events.return?.();
      return done;
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
