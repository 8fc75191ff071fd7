import { ProsoponError } from "@prosopon/errors";
import { sizeOf, type Tensor, tensor } from "@prosopon/graph";
import type { Host } from "./host.ts";
import type { Program } from "./program.ts";
import { sessionPool } from "./session-pool.ts";
import { stepBatcher } from "./step-batcher.ts";

export interface BatchedSessionOptions {
  readonly host: Host;
  /** The program for `count` requests at once. Axis 0 of all its inputs and outputs is theirs, in order. */
  readonly program: (count: number) => Program;
  /** Requests in one call at most. With 1 it is a session like any other. */
  readonly most: number;
}

/** A session whose callers share runs. */
export interface BatchedSession extends AsyncDisposable {
  /** One request: tensors of one request's shape. @throws what a session throws; a failing run fails all that share it. */
  run(feeds: Tensors, options?: { readonly signal?: AbortSignal }): Promise<Tensors>;
}

type Tensors = Readonly<Record<string, Tensor>>;

/**
 * Joins what several jobs ask of one network at the same time into one run on a larger batch. A session opens for each number of requests
 * that met, at its first use; that for one opens here, so that a wrong program is told at once.
 */
export async function batchedSession({ host, program, most }: BatchedSessionOptions): Promise<BatchedSession> {
  if (most < 2) return host.load(program(1));
  const sessions = sessionPool<number>();
  const sessionFor = (count: number) => sessions.get(count, () => host.load(program(count)));
  await sessionFor(1);
  const step = stepBatcher<Tensors, Tensors>({
    most,
    async run(requests) {
      const session = await sessionFor(requests.length);
      const [first] = requests as [Tensors];
      const feeds = Object.fromEntries(
        Object.keys(first).map((name) => [name, joined(requests.map((one) => one[name]))]),
      );
      const outputs = await session.run(feeds);
      return requests.map((_, at) =>
        Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, part(value, at, requests.length)])),
      );
    },
  });
  return {
    run: step,
    [Symbol.asyncDispose]: () => sessions[Symbol.asyncDispose](),
  };
}

function joined(parts: readonly (Tensor | undefined)[]): Tensor {
  const [first] = parts as [Tensor];
  if (parts.some((one) => one?.dtype !== first.dtype || `${one.shape}` !== `${first.shape}`))
    throw new ProsoponError("internal", "Requests of different shapes met in one batch.");
  if (parts.length === 1) return first;
  const [rows, ...rest] = first.shape as [number, ...number[]];
  const whole = tensor(first.dtype, [rows * parts.length, ...rest]);
  const size = sizeOf(first.shape);
  for (const [at, one] of (parts as readonly Tensor[]).entries()) whole.data.set(one.data as never, at * size);
  return whole;
}

function part(whole: Tensor, at: number, count: number): Tensor {
  if (count === 1) return whole;
  const [rows, ...rest] = whole.shape as [number, ...number[]];
  const size = sizeOf(whole.shape) / count;
  return tensor(whole.dtype, [rows / count, ...rest], whole.data.slice(at * size, (at + 1) * size) as never);
}
