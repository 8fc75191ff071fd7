import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { ProsoponError } from "@prosopon/errors";
import type { GraphQLSchema } from "graphql";
import { type WebSocket, WebSocketServer } from "ws";
import { createAuthenticator } from "./auth/authenticator.ts";
import { createTickets } from "./auth/tickets.ts";
import { createStreamDesk } from "./frames/stream-desk.ts";
import type { GatewayOptions } from "./gateway-options.ts";
import { createGraphql } from "./graphql/create-graphql.ts";
import { reasonOf } from "./graphql/mask-error.ts";
import { buildSchema } from "./graphql/schema.ts";
import { originRule } from "./http/origin-rule.ts";
import { remoteAddress } from "./http/remote-address.ts";
import { createRouter, identify } from "./http/router.ts";
import { routeRows } from "./http/rows.ts";
import { sendStatic } from "./http/static-route.ts";
import { ownedJob } from "./jobs/owned-job.ts";
import { limitsSchema } from "./limits/limits.ts";
import { createQuotas } from "./limits/quotas.ts";
import { refusal } from "./limits/refusal.ts";
import { wireProblem } from "./limits/wire-problem.ts";
import { soundSocket } from "./live/sound-socket.ts";
import { createMetrics } from "./observe/metrics.ts";
import type { Services } from "./services.ts";
import { graphqlSockets } from "./sockets/graphql-sockets.ts";
import { createSweeper } from "./sweeper.ts";

export interface ListenOptions {
  /** 0 for any that is free. */
  readonly port: number;
  /** Default "127.0.0.1". */
  readonly host?: string;
}

export interface Gateway extends AsyncDisposable {
  readonly schema: GraphQLSchema;
  /** Streams that are open now. */
  readonly streams: number;
  /** @throws ProsoponError `bad-input` for a host beyond loopback without credentials, `unavailable` when the port is taken. */
  listen(options: ListenOptions): Promise<{ readonly port: number; readonly url: string }>;
  /** Says "not ready", lets streams end (`limits.drainSeconds`), closes sockets with 1001 and the server. The engine stays its owner's. */
  close(): Promise<void>;
}

const loopbackHosts: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);

/** A server between browsers and workers: GraphQL, binary streams, uploads, artifacts, live sound. It computes nothing itself. */
export function createGateway(options: GatewayOptions): Gateway {
  const { engine, log, blobs, applications, origins = [], proxies = 0, studio } = options;
  const limits = limitsSchema.parse(options.limits ?? {});
  const metrics = createMetrics(options.registry ? { registry: options.registry, process: false } : {});
  const authenticator = createAuthenticator(options.auth);
  if (options.secret && options.secret.length < 32)
    throw new ProsoponError("bad-input", `The secret for tickets has ${options.secret.length} bytes.`, {
      mend: "Give at least 32.",
    });
  const tell = options.tell ?? (() => {});
  const sweeper = createSweeper({ blobs, limits, tell });
  const services: Services = {
    engine,
    log,
    blobs,
    applications,
    models: options.models ?? (async () => []),
    emotions: options.emotions ?? [],
    limits,
    authenticator,
    tickets: createTickets({ seconds: limits.ticketSeconds, ...(options.secret ? { secret: options.secret } : {}) }),
    quotas: createQuotas({ limits, ...(options.counter ? { counter: options.counter } : {}) }),
    streams: createStreamDesk({ perTenant: limits.streamsPerTenant, metrics }),
    metrics,
    tell,
    remember: sweeper.remember,
    development: options.development ?? false,
  };
  const { streams, quotas } = services;
  const schema = buildSchema(services);
  const graphql = createGraphql(schema, services);
  const rule = originRule({ origins, loopbackOnly: authenticator.open });
  const newId = (): string => randomUUID();
  let draining = false;

  const ready = async (): Promise<void> => {
    if (draining) throw refusal("UNAVAILABLE", "The gateway is stopping.");
    await engine.check();
    await options.ready?.();
  };
  const route = createRouter(services, {
    rows: routeRows(services, { graphql, ready }),
    rule,
    proxies,
    newId,
    otherwise: (request, response, path) => {
      if (!studio) throw refusal("NOT_FOUND", "There is no studio here. GraphQL is at /graphql.");
      return sendStatic(studio, request, response, path);
    },
  });

  const server = createServer({
    requestTimeout: 0,
    headersTimeout: 10_000,
    keepAliveTimeout: 15_000,
    maxHeaderSize: 32_768,
  });
  server.on("request", (request, response) => {
    // A pipelined request waits for its turn: a response without a connection never tells that its reader has left.
    if (response.socket) void route(request, response);
    else response.once("socket", () => void route(request, response));
  });
  server.on("clientError", (_error, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    else socket.destroy();
  });

  const graphqlServer = graphqlSockets(services, {
    graphql,
    newId,
    refusedAt: (request) => quotas.take("failures", remoteAddress(request, proxies)),
  });
  const soundServer = new WebSocketServer({ noServer: true, maxPayload: 65_536, perMessageDeflate: false });
  const abandoned = new Map<string, NodeJS.Timeout>();
  const perAddress = new Map<string, number>();

  const counted = (socket: WebSocket, address: string): void => {
    perAddress.set(address, (perAddress.get(address) ?? 0) + 1);
    metrics.sockets.inc();
    socket.once("close", () => {
      const left = (perAddress.get(address) ?? 1) - 1;
      if (left > 0) perAddress.set(address, left);
      else perAddress.delete(address);
      metrics.sockets.dec();
    });
  };

  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const target = request.url ?? "/";
    const url = URL.canParse(`http://gateway.invalid${target}`)
      ? new URL(`http://gateway.invalid${target}`)
      : undefined;
    const refused = rule.refuses(request);
    if (refused) throw refusal("FORBIDDEN", refused);
    if (draining) throw refusal("UNAVAILABLE", "The gateway is stopping.");
    const address = remoteAddress(request, proxies);
    if ((perAddress.get(address) ?? 0) >= limits.socketsPerAddress)
      throw refusal("RATE_LIMITED", "Too many sockets.", { retryAfter: 1000 });
    if (url?.pathname === "/graphql") {
      graphqlServer.handleUpgrade(request, socket, head, (opened) => {
        counted(opened, address);
        graphqlServer.emit("connection", opened, request);
      });
      return;
    }
    const job = /^\/v1\/jobs\/([A-Za-z0-9-]{1,64})\/audio$/.exec(url?.pathname ?? "")?.[1];
    if (!url || job === undefined) throw refusal("NOT_FOUND", "There is no socket at this path.");
    const ticket = url.searchParams.get("ticket");
    const principal = await identify(services, request, { ticket, job, scope: "feed", proxies });
    await ownedJob(engine, job, principal.tenant);
    if (socket.destroyed) return;
    soundServer.handleUpgrade(request, socket, head, (opened) => {
      counted(opened, address);
      soundSocket(services, opened, { job, abandoned });
    });
  };
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    upgrade(request, socket, head).catch((error: unknown) => {
      const { status, code } = wireProblem(error);
      metrics.refused.inc({ code });
      tell("warn", "socket-refused", { code, ...(code === "INTERNAL" ? { reason: reasonOf(error) } : {}) });
      socket.end(`HTTP/1.1 ${status} ${code}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    });
  });

  const close = async (): Promise<void> => {
    if (draining) return;
    draining = true;
    if (server.listening) tell("info", "draining", { count: streams.open });
    await streams.close(1000 * limits.drainSeconds);
    sweeper.stop();
    for (const timer of abandoned.values()) clearTimeout(timer);
    for (const socket of [...graphqlServer.clients, ...soundServer.clients])
      socket.close(1001, "The gateway is stopping.");
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const force = setTimeout(() => {
      for (const socket of [...graphqlServer.clients, ...soundServer.clients]) socket.terminate();
      server.closeAllConnections();
    }, 1000);
    await closed;
    clearTimeout(force);
  };

  return {
    schema,
    get streams() {
      return streams.open;
    },
    async listen({ port, host = "127.0.0.1" }) {
      if (authenticator.open && !loopbackHosts.has(host))
        throw new ProsoponError(
          "bad-input",
          `Without credentials the gateway serves this machine only, not "${host}".`,
          {
            values: { host },
            mend: "Configure API keys or JWT, or use the host 127.0.0.1.",
          },
        );
      await new Promise<void>((resolve, reject) => {
        server.once("error", (cause: NodeJS.ErrnoException) =>
          reject(
            new ProsoponError("unavailable", `Port ${port} of ${host} cannot be used: ${cause.code}.`, {
              values: { port, host },
              mend: "Choose another, or 0 for any.",
              cause,
            }),
          ),
        );
        server.listen(port, host, resolve);
      });
      sweeper.start();
      const { port: given } = server.address() as AddressInfo;
      tell("info", "listening", { port: given });
      return { port: given, url: `http://${host.includes(":") ? `[${host}]` : host}:${given}` };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
