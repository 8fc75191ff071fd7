import type { IncomingMessage } from "node:http";
import { isProsoponError } from "@prosopon/errors";
import { type execute, GraphQLError, type subscribe } from "graphql/index.js";
import { CloseCode, handleProtocols, makeServer } from "graphql-ws";
import { WebSocket, WebSocketServer } from "ws";
import type { Principal } from "../auth/principal.ts";
import type { GatewayContext } from "../graphql/context.ts";
import type { GraphqlServer } from "../graphql/create-graphql.ts";
import { maskError, reasonOf } from "../graphql/mask-error.ts";
import type { Services } from "../services.ts";

/** Our own close code: the credential ended; connect again with a fresh one. */
export const CREDENTIAL_ENDED = 4803;

/** Milliseconds; a socket that leaves one unanswered until the next is ended. */
const PING_EVERY = 12_000;

interface Extra {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
}

interface SocketState {
  principal?: Principal;
  expiry?: NodeJS.Timeout;
  readonly running: Set<string>;
}

export interface GraphqlSocketsOptions {
  readonly graphql: GraphqlServer;
  readonly newId: () => string;
  /** Throws when the address had too many refusals. */
  readonly refusedAt: (request: IncomingMessage) => Promise<void>;
}

/** What `onSubscribe` hands to graphql-ws as the root value: the functions of that operation's envelop. */
interface Enveloped {
  readonly execute: typeof execute;
  readonly subscribe: typeof subscribe;
}

/**
 * graphql-transport-ws on a `noServer` WebSocket server. Every operation goes through `getEnveloped`, so that limits, masking and the
 * introspection rule hold here as they do over HTTP; the stock `useServer({ schema })` would pass by all of them.
 */
export function graphqlSockets(
  { authenticator, limits, metrics, tell }: Services,
  { graphql, newId, refusedAt }: GraphqlSocketsOptions,
): WebSocketServer {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 1_000_000,
    perMessageDeflate: false,
    handleProtocols,
  });
  const states = new WeakMap<WebSocket, SocketState>();
  const stateOf = (socket: WebSocket): SocketState => {
    const known = states.get(socket) ?? { running: new Set<string>() };
    states.set(socket, known);
    return known;
  };
  const masked = (error: unknown): GraphQLError => {
    const told = maskError(error, (root) =>
      tell("error", "masked-error", { reason: reasonOf(root), transport: "socket" }),
    );
    // Status and headers are for HTTP.
    const { http: _http, ...extensions } = told.extensions;
    return new GraphQLError(told.message, { nodes: told.nodes ?? null, path: told.path ?? null, extensions });
  };

  const server = makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: 3000,
    execute: (given) => (given.rootValue as Enveloped).execute(given),
    subscribe: (given) => (given.rootValue as Enveloped).subscribe(given) as ReturnType<typeof subscribe>,
    async onConnect({ connectionParams, extra: { request, socket } }) {
      const state = stateOf(socket);
      const { authorization, token } = connectionParams ?? {};
      const given =
        typeof authorization === "string"
          ? authorization
          : typeof token === "string"
            ? `Bearer ${token}`
            : request.headers.authorization;
      try {
        state.principal = await authenticator.authenticate(given);
      } catch (error) {
        metrics.refused.inc({ code: "UNAUTHENTICATED" });
        await refusedAt(request).catch(() => {});
        if (isProsoponError(error)) return false;
        throw error;
      }
      const { expires } = state.principal;
      if (expires !== undefined) {
        const wait = Math.min(Math.max(0, expires - Date.now()), 2 ** 31 - 1);
        state.expiry = setTimeout(() => socket.close(CREDENTIAL_ENDED, "The credential has ended."), wait);
        state.expiry.unref();
      }
      return true;
    },
    async onSubscribe({ extra: { request, socket } }, id, { query, variables, operationName }) {
      const { principal, running } = stateOf(socket);
      if (!principal) return [new GraphQLError("The connection was not initialised.")];
      if (running.size >= limits.subscriptionsPerSocket) {
        metrics.refused.inc({ code: "RATE_LIMITED" });
        return [
          new GraphQLError(`A socket holds at most ${limits.subscriptionsPerSocket} operations.`, {
            extensions: { code: "RATE_LIMITED" },
          }),
        ];
      }
      running.add(id);
      try {
        const context: GatewayContext = { principal, requestId: newId(), transport: "socket" };
        const params = { query, variables: variables ?? {}, operationName: operationName ?? undefined };
        const enveloped = graphql.getEnveloped({
          ...context,
          req: request,
          socket,
          params,
        } as never);
        const { schema, parse, validate, contextFactory } = enveloped;
        const document = parse(query);
        const errors = validate(schema, document);
        if (errors.length > 0) {
          running.delete(id);
          return errors.map(masked);
        }
        return {
          schema,
          document,
          operationName: operationName ?? null,
          variableValues: variables ?? null,
          contextValue: await contextFactory(),
          rootValue: { execute: enveloped.execute, subscribe: enveloped.subscribe } satisfies Enveloped,
        };
      } catch (error) {
        running.delete(id);
        return [masked(error)];
      }
    },
    onComplete({ extra: { socket } }, id) {
      stateOf(socket).running.delete(id);
    },
    onError(context, id) {
      stateOf(context.extra.socket).running.delete(id);
    },
    onClose({ extra: { socket } }) {
      const state = stateOf(socket);
      clearTimeout(state.expiry);
      state.running.clear();
    },
  });
  sockets.on("connection", (socket: WebSocket, request: IncomingMessage) => attach(server, { socket, request }));
  return sockets;
}

/** One socket's life: messages in order of arrival, each answer awaited until the kernel has it, a ping now and then. */
function attach(server: ReturnType<typeof makeServer<Record<string, unknown>, Extra>>, extra: Extra): void {
  const { socket } = extra;
  const closed = server.opened(
    {
      protocol: socket.protocol,
      // Settles when the bytes are written, so a reader who does not read is not pulled for.
      send: (data) =>
        new Promise((resolve, reject) => {
          if (socket.readyState === WebSocket.OPEN) socket.send(data, (error) => (error ? reject(error) : resolve()));
          else resolve();
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (take) =>
        socket.on("message", (data) => {
          // Only what the protocol does not know is thrown here; what it says is the caller's and not for our log.
          take(String(data)).catch(() => socket.close(CloseCode.BadRequest, "This message is not understood."));
        }),
    },
    extra,
  );
  let heard = true;
  const pings = setInterval(() => {
    if (!heard) {
      // Half-open: the other side is gone without a word.
      socket.terminate();
      return;
    }
    heard = false;
    socket.ping();
  }, PING_EVERY);
  socket.on("pong", () => {
    heard = true;
  });
  // `ws` closes the socket with the right code by itself.
  socket.on("error", () => {});
  socket.once("close", (code, reason) => {
    clearInterval(pings);
    void closed(code, String(reason));
  });
}
