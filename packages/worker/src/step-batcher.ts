import { ProsoponError } from "@prosopon/errors";

export interface StepBatcherOptions<Request, Reply> {
  /** Computes replies in the order of the requests. One call at a time. */
  readonly run: (requests: readonly Request[]) => Promise<readonly Reply[]>;
  /** Largest batch; default 8. */
  readonly most?: number;
  /** How long the first of a batch waits for others, milliseconds; default 2. While a batch runs the next one gathers anyway. */
  readonly milliseconds?: number;
  /** Only requests of the same key share a batch, such as the same model and shape. All do if not given. */
  readonly key?: (request: Request) => string;
}

interface Waiting<Request, Reply> {
  readonly request: Request;
  readonly key: string;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Joins the steps of jobs that run at the same time in one child: each caller asks for one step and gets one reply; what was asked within
 * a few milliseconds, or while the device was busy, is computed in one call. A failing batch fails all in it.
 */
export function stepBatcher<Request, Reply>(
  options: StepBatcherOptions<Request, Reply>,
): (request: Request, options?: { readonly signal?: AbortSignal }) => Promise<Reply> {
  const { run, most = 8, milliseconds = 2, key = () => "" } = options;
  const waiting: Waiting<Request, Reply>[] = [];
  let busy = false;

  async function work(): Promise<void> {
    busy = true;
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    for (let first = waiting[0]; first; first = waiting[0]) {
      const same = first.key;
      const batch: Waiting<Request, Reply>[] = [];
      for (let i = 0; i < waiting.length && batch.length < most; )
        if (waiting[i]!.key === same) batch.push(...waiting.splice(i, 1));
        else i++;
      const alive = batch.filter(({ signal, reject }) => {
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
      waiting.push({ request, key: key(request), signal, resolve, reject });
      if (!busy) void work();
    });
}
