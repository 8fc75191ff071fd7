import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { ProsoponError } from "@prosopon/errors";

export interface WorkThroughOptions<Order, Answer> {
  /** The worker's file: it answers each message with one. */
  readonly entry: URL;
  readonly threads: number;
  readonly orders: Iterable<Order>;
  /** Awaited before the same thread gets its next order. */
  readonly take: (answer: Answer) => Promise<void>;
  /** What is cancelled when the signal fires, for the error: "Rendering". */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
}

/** Hands orders to worker threads and takes what they answer, in whatever order it comes. @throws `cancelled`; what workers and `take` throw. */
export async function workThrough<Order, Answer>({
  entry,
  threads,
  orders,
  take,
  what,
  signal,
}: WorkThroughOptions<Order, Answer>): Promise<void> {
  const waiting = orders[Symbol.iterator]();
  const workers = Array.from({ length: threads }, () => new Worker(entry, { execArgv: [] }));
  try {
    await Promise.all(
      workers.map(async (worker) => {
        for (let next = waiting.next(); !next.done; next = waiting.next()) {
          if (signal?.aborted) throw new ProsoponError("cancelled", `${what} was cancelled.`, { cause: signal.reason });
          // Listened for first; an error of the worker rejects it.
          const answered = once(worker, "message");
          worker.postMessage(next.value);
          const [answer] = (await answered) as [Answer];
          await take(answer);
        }
      }),
    );
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
