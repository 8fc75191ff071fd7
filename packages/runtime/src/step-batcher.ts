import { ProsoponError } from "@prosopon/errors";

export interface StepBatcherOptions<Request, Reply> {
  /** Computes replies in the order of the requests. One call at a time. */
  readonly run: (requests: readonly Request[]) => Promise<readonly Reply[]>;
  /** Largest batch. */
  readonly most: number;
}

/** How long a batch that is not full waits for others, milliseconds. While one runs the next gathers anyway. */
const patience = 2;

interface Waiting<Request, Reply> {
  readonly request: Request;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Joins the steps of jobs that run at the same time: each caller asks for one step and gets one reply; what was asked within a few
 * milliseconds, or while the device was busy, is computed in one call. A failing batch fails all in it.
 */
export function stepBatcher<Request, Reply>(
  options: StepBatcherOptions<Request, Reply>,
): (request: Request, options?: { readonly signal?: AbortSignal }) => Promise<Reply> {
  const { run, most } = options;
  const waiting: Waiting<Request, Reply>[] = [];
  let busy = false;

  async function work(): Promise<void> {
    busy = true;
    while (waiting.length > 0) {
      // Also after a batch: who was in it asks again soon, and so all stay together.
      if (waiting.length < most) await new Promise((resolve) => setTimeout(resolve, patience));
      const alive = waiting.splice(0, most).filter(({ signal, reject }) => {
        if (signal?.aborted) reject(new ProsoponError("cancelled", "The step was cancelled."));
        return !signal?.aborted;
      });
      if (alive.length === 0) continue;
      try {
        const replies = await run(alive.map(({ request }) => request));
        if (replies.length !== alive.length)
          throw new ProsoponError("internal", `A batch of ${alive.length} steps gave ${replies.length} replies.`);
        alive.forEach(({ resolve }, i) => {
          resolve(replies[i]!);
        });
      } catch (error) {
        for (const { reject } of alive) reject(error);
      }
    }
    busy = false;
  }

  return (request, { signal } = {}) =>
    new Promise((resolve, reject) => {
      waiting.push({ request, signal, resolve, reject });
      if (!busy) void work();
    });
}
