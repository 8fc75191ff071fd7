import { ProsoponError } from "@prosopon/errors";
import { anySignal } from "./any-signal.ts";
import { problemOf, refusalOf } from "./problem.ts";

/** The parts of a WebSocket constructor that the client uses; the browser's own and that of `ws` fit. */
// biome-ignore lint/suspicious/noExplicitAny: constructors of several libraries with different options fit here
export type WebSocketConstructor = new (url: string, protocols?: any) => WebSocket;

/** Where a gateway is and how to speak to it. */
export interface Endpoint {
  readonly url: (path: string) => string;
  readonly socketUrl: (path: string) => string;
  readonly token: () => Promise<string | undefined>;
  /** `fetch` with the credentials; anything but success is thrown. `path` may be a whole address of the same gateway. */
  readonly request: (path: string, init?: RequestInit) => Promise<Response>;
  /** `fetch` with the credentials, whatever the answer. */
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
  /** A GraphQL query or mutation. */
  readonly ask: <Data>(
    query: string,
    variables?: Readonly<Record<string, unknown>>,
    signal?: AbortSignal,
  ) => Promise<Data>;
  readonly WebSocket: WebSocketConstructor | undefined;
}

export interface EndpointOptions {
  /** Where the gateway stands, such as "http://127.0.0.1:4000"; GraphQL is at `/graphql` below it. */
  readonly url: string;
  /** An API key or JWT, or what gives a fresh one; sent as a bearer token. */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /** How long a query or a mutation may go without an answer, milliseconds; default 30,000. A connection that is open on one side only gives none. */
  readonly answerMs?: number | undefined;
  /** Default: the global one. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Default: the global one, where there is one; `connect` of `@prosopon/client/node` supplies that of `ws`. */
  readonly WebSocket?: WebSocketConstructor | undefined;
}

/** @throws ProsoponError `bad-input` if the address is none of http or https. */
export function endpoint({
  url,
  token,
  answerMs = 30_000,
  fetch: given,
  WebSocket: socket,
}: EndpointOptions): Endpoint {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (!address || !/^https?:$/.test(address.protocol)) {
    throw new ProsoponError("bad-input", `"${url}" is no address of a gateway.`, {
      values: { url },
      mend: 'Write it like "http://127.0.0.1:4000".',
    });
  }
  const root = `${address.origin}${address.pathname.replace(/\/+$/, "")}`;
  const at = (path: string): string =>
    /^https?:/.test(path) ? path : `${root}${path.startsWith("/") ? "" : "/"}${path}`;
  const credentials = async (): Promise<string | undefined> => (typeof token === "function" ? await token() : token);
  const send = given ?? globalThis.fetch.bind(globalThis);

  const withToken = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    const bearer = await credentials();
    const target = at(path);
    // A foreign address, such as a store's, must not see the credentials.
    if (bearer !== undefined && new URL(target).origin === address.origin)
      headers.set("authorization", `Bearer ${bearer}`);
    return send(target, { ...init, headers });
  };

  const request = async (path: string, init: RequestInit = {}): Promise<Response> => {
    let answer: Response;
    try {
      answer = await withToken(path, init);
    } catch (cause) {
      if (init.signal?.aborted) throw new ProsoponError("cancelled", "The request was left by its caller.", { cause });
      throw new ProsoponError("unavailable", `No answer from ${root}.`, {
        values: { url: root },
        mend: "Check the address and that the gateway runs.",
        cause,
      });
    }
    if (answer.ok) return answer;
    const refusal = refusalOf(answer.status, await answer.text().catch(() => ""), answer.headers.get("retry-after"));
    if (refusal instanceof Error) throw refusal;
    throw new ProsoponError("unavailable", `It did not work: ${refusal.interruption}.`, {
      values: { status: answer.status, ...(refusal.wait === undefined ? {} : { retryAfterMs: refusal.wait }) },
      mend: "Try again later.",
    });
  };

  return {
    url: at,
    socketUrl: (path) => at(path).replace(/^http/, "ws"),
    token: credentials,
    request,
    fetch: withToken,
    WebSocket: socket ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket,
    async ask<Data>(query: string, variables: Readonly<Record<string, unknown>> = {}, signal?: AbortSignal) {
      const late = AbortSignal.timeout(answerMs);
      const answered = async (): Promise<{ data?: Data; errors?: { message: string }[] }> => {
        const answer = await request("/graphql", {
          method: "POST",
          headers: { "content-type": "application/json", accept: "application/json" },
          body: JSON.stringify({ query, variables }),
          signal: signal ? anySignal(signal, late) : late,
        });
        return answer.json();
      };
      const { data, errors } = await answered().catch((cause: unknown) => {
        if (!late.aborted || signal?.aborted) throw cause;
        throw new ProsoponError("unavailable", `No answer from ${root} for ${answerMs} ms.`, {
          values: { url: root, answerMs },
          mend: "Ask again; a mutation that starts a job with the same idempotency key.",
          cause,
        });
      });
      if (errors?.length || !data) throw problemOf(errors ?? []);
      return data;
    },
  };
}
