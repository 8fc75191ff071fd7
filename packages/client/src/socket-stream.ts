import { ProsoponError } from "@prosopon/errors";
import { createClient } from "graphql-ws/client";
import type { Endpoint, WebSocketConstructor } from "./endpoint.ts";
import { eventOf, frameSubscription, type WireEvent } from "./frame-subscription.ts";
import { streamProblemOf } from "./problem.ts";
import type { Interruption } from "./resume-stream.ts";
import type { StreamEvent } from "./stream-event.ts";

export interface SocketSubscription<Value> {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly value: (data: never) => Value;
  readonly signal: AbortSignal;
  /** Silence after which the other side is asked whether it lives, and as long again for its answer, milliseconds. */
  readonly idleMs: number;
  /** Values held before the socket is given up until they are used; a socket cannot be paused otherwise. */
  readonly hold: number;
}

/** Close codes of graphql-ws after which a second attempt meets the same refusal. */
const fatal: Readonly<Record<number, string>> = {
  4400: "the request was not understood",
  4401: "the credentials were refused",
  4403: "the credentials were refused",
  4406: "the gateway speaks no graphql-transport-ws",
};

/**
 * One subscription over one WebSocket, as a pull. The library's own retries are off: they would send the first cursor again.
 * When more than `hold` values wait, the socket is closed and the iteration ends after them, to be opened again by the caller.
 */
export async function* socketSubscription<Value>(
  { WebSocket, socketUrl, token }: Endpoint,
  { query, variables, value, signal, hold, idleMs }: SocketSubscription<Value>,
): AsyncGenerator<Value, void, undefined> {
  if (!WebSocket) {
    throw new ProsoponError("unavailable", "There is no WebSocket here.", {
      mend: "Connect with `connect` of @prosopon/client/node, or pass the constructor as `WebSocket`.",
    });
  }
  const bearer = await token();
  const waiting: Value[] = [];
  let wake = (): void => {};
  let ended = false;
  let paused = false;
  let failure: unknown;
  let answer: ReturnType<typeof setTimeout> | undefined;
  const client = createClient({
    url: socketUrl("/graphql"),
    webSocketImpl: heardSocket(WebSocket),
    retryAttempts: 0,
    connectionAckWaitTimeout: idleMs,
    keepAlive: idleMs,
    on: {
      // A socket that is open on one side only never closes by itself; one that gets no handshake never opens.
      connecting: () => {
        answer = setTimeout(() => client.terminate(), idleMs);
      },
      opened: () => clearTimeout(answer),
      ping: (received) => {
        if (received) return;
        clearTimeout(answer);
        answer = setTimeout(() => client.terminate(), idleMs);
      },
      pong: () => clearTimeout(answer),
    },
    ...(bearer === undefined ? {} : { connectionParams: { authorization: `Bearer ${bearer}` } }),
  });
  // Rejects when the socket closes while it is being opened, which is no news here.
  const leave = (): void => void Promise.resolve(client.dispose()).catch(() => undefined);
  const end = (why?: unknown): void => {
    failure ??= why;
    ended = true;
    wake();
  };
  const unsubscribe = client.subscribe<Record<string, unknown>>(
    { query, variables },
    {
      next({ data, errors }) {
        if (ended) return;
        if (errors?.length || !data) return end(streamProblemOf(errors ?? []));
        waiting.push(value(data as never));
        if (waiting.length > hold) {
          paused = true;
          end();
          leave();
        }
        wake();
      },
      error(cause) {
        if (paused) return;
        if (Array.isArray(cause)) return end(streamProblemOf(cause as { message: string }[]));
        const { code, reason } = (cause ?? {}) as { code?: number; reason?: string };
        const said = code === undefined ? undefined : fatal[code];
        if (said)
          return end(
            new ProsoponError("bad-input", `The stream was refused: ${reason || said}.`, { values: { code } }),
          );
        end({ interruption: `the socket closed (${code ?? "no code"})` } satisfies Interruption);
      },
      complete: () => end(),
    },
  );
  const left = (): void => end(signal.reason);
  signal.addEventListener("abort", left, { once: true });
  try {
    while (true) {
      signal.throwIfAborted();
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else if (!ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else break;
    }
    if (paused) throw { interruption: "the reader was behind", wait: 0 } satisfies Interruption;
    if (failure !== undefined) throw failure;
  } finally {
    signal.removeEventListener("abort", left);
    clearTimeout(answer);
    unsubscribe();
    leave();
  }
}

/** The same sockets, whose errors always have a listener: that of the library goes when it gives one up, and in Node the error would end the program. */
function heardSocket(WebSocket: WebSocketConstructor): WebSocketConstructor {
  return class extends WebSocket {
    constructor(...given: ConstructorParameters<WebSocketConstructor>) {
      super(...given);
      this.addEventListener("error", () => {});
    }
  };
}

export interface FrameRequest {
  readonly jobId: string;
  readonly after: string | undefined;
  readonly delivery: "RELIABLE" | "LIVE";
  readonly maxFps: number | undefined;
  readonly signal: AbortSignal;
}

/** The variables of `frameSubscription` for a request. */
export const frameVariables = ({
  jobId,
  after,
  delivery,
  maxFps,
}: FrameRequest): Readonly<Record<string, unknown>> => ({
  jobId,
  delivery,
  ...(after === undefined ? {} : { after }),
  ...(maxFps === undefined ? {} : { maxFps }),
});

/** Frames over a WebSocket (graphql-transport-ws), base64 in JSON. */
export const socketStream = (place: Endpoint, request: FrameRequest, idleMs: number): AsyncIterable<StreamEvent> =>
  socketSubscription(place, {
    query: frameSubscription,
    variables: frameVariables(request),
    value: ({ frames }: { frames: WireEvent }) => eventOf(frames),
    signal: request.signal,
    idleMs,
    hold: 256,
  });
