import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { buildSchema, type ExecutionResult, execute, graphql, parse, subscribe } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { positionOf } from "../cursor.ts";
import { encodeRecord, recordTypes } from "../record.ts";
import type { StreamEvent } from "../stream-event.ts";
import { type FakeApplication, type FakeJob, fakeJob } from "./fake-job.ts";
import { fakeSchema } from "./fake-schema.ts";
import { type Faults, numbers, wireFaults } from "./wire-faults.ts";

export interface FakeGatewayOptions {
  /** By name; the schema knows `talk`, `dub` and `reenact`. */
  readonly applications: Readonly<Record<string, FakeApplication>>;
  /** Every request must carry this bearer token; none is asked for if not given. */
  readonly token?: string;
  readonly faults?: Faults;
  readonly emotions?: readonly string[];
  readonly port?: number;
  /** Answers what the gateway itself does not, such as a page. */
  readonly fallback?: (request: IncomingMessage, response: ServerResponse) => void;
}

export interface FakeGateway extends AsyncDisposable {
  readonly url: string;
  /** Stream connections so far, and events that went out over them. */
  readonly seen: { connections: number; deliveries: number };
  /** Cuts every open connection. */
  cut(): void;
  /** While true, every connection is refused with 503. */
  refuse(refusing: boolean): void;
  close(): Promise<void>;
}

const schema = buildSchema(fakeSchema);
const allEmotions = ["neutral", "happy", "sad", "surprised", "scared", "disgusted", "angry", "contempt"];

/** An event as the schema has it. */
function wire(event: StreamEvent): Record<string, unknown> {
  if (event.type === "frame") {
    const { data, duration = 0.04, ...rest } = event;
    return { __typename: "Frame", ...rest, durationMs: 1000 * duration, data: Buffer.from(data).toString("base64") };
  }
  const name = { gap: "StreamGap", reset: "StreamReset", end: "StreamEnd" }[event.type];
  const error = event.type === "end" && event.message ? { code: "internal", message: event.message } : null;
  return { __typename: name, ...event, error };
}

function record(event: StreamEvent): Uint8Array {
  const { epoch } = event;
  const type = recordTypes[event.type];
  const { seq } = positionOf(event.cursor);
  if (event.type === "frame") return encodeRecord({ type, epoch, seq, pts: event.pts, bytes: event.data });
  const said = event.type === "end" && event.message ? { ...event, error: { message: event.message } } : event;
  return encodeRecord({
    type,
    epoch,
    seq,
    pts: 0,
    bytes: Uint8Array.from(new TextEncoder().encode(JSON.stringify(said))),
  });
}

/**
 * A gateway for tests: the wire of the real one (GraphQL over HTTP, WebSocket and server-sent events, binary frames, uploads, artifacts
 * with ranges, live sound) before applications that are plain generators, with faults on the way if wanted. For Node.
 */
export async function fakeGateway(options: FakeGatewayOptions): Promise<FakeGateway> {
  const { applications, token, faults, emotions = allEmotions, fallback } = options;
  const random = numbers(faults?.seed ?? 0);
  const jobs = new Map<string, FakeJob>();
  const keys = new Map<string, string>();
  const uploads = new Map<string, { readonly bytes: Uint8Array; readonly mime: string }>();
  const sockets = new Set<Socket>();
  const seen = { connections: 0, deliveries: 0 };
  let refusing = false;
  let closed = false;

  const found = (id: string): FakeJob => {
    const job = jobs.get(id);
    if (!job) throw new Error(`There is no job ${id}.`);
    return job;
  };
  const start = (name: string, input: Record<string, unknown>, key: string) => {
    const application = applications[name];
    if (!application) throw new Error(`There is no application ${name}.`);
    const known = keys.get(key);
    if (known) return jobView(known);
    const id = `job-${jobs.size + 1}`;
    const file = (upload: unknown): Uint8Array => {
      const content = uploads.get(String(upload));
      if (!content) throw new Error(`There is no upload ${upload}.`);
      return content.bytes;
    };
    jobs.set(id, fakeJob({ id, name, application, input, file }));
    keys.set(key, id);
    return jobView(id);
  };
  const jobView = (id: string) => ({ ...found(id).job(), live: { url: `/v1/jobs/${id}/audio`, ticket: "t" } });

  const rootValue = {
    models: () => [{ name: "fake", kind: "talking-face", description: "Stands in for a model." }],
    emotions: () => emotions,
    applications: () =>
      Object.keys(applications).map((name) => ({
        name,
        description: name,
        output: name === "reenact" ? "IMAGE" : "FRAMES",
        mutation: name,
      })),
    job: ({ id }: { id: string }) => (jobs.has(id) ? jobView(id) : null),
    talk: (a: { input: Record<string, unknown>; idempotencyKey: string }) => start("talk", a.input, a.idempotencyKey),
    dub: (a: { input: Record<string, unknown>; idempotencyKey: string }) => start("dub", a.input, a.idempotencyKey),
    reenact: (a: { input: Record<string, unknown>; idempotencyKey: string }) =>
      start("reenact", a.input, a.idempotencyKey),
    cancelJob({ id }: { id: string }) {
      found(id).cancel();
      return jobView(id);
    },
    deleteJob: ({ id }: { id: string }) => jobs.delete(id),
  };
  /** Roots of subscriptions; `cut` ends the connection at once. */
  const subscriptionRoot = (cut: () => void, left: () => boolean) => ({
    async *frames({ jobId, after }: { jobId: string; after?: string }) {
      seen.connections += 1;
      const events = found(jobId).read(after ? positionOf(after) : undefined, () => closed || left());
      for await (const step of wireFaults(events, faults, random)) {
        if ("cut" in step) return cut();
        if ("complete" in step) return;
        seen.deliveries += 1;
        yield { frames: wire(step.event) };
      }
    },
    async *job({ id }: { id: string }) {
      for await (const job of found(id).changes(() => closed || left())) yield { job };
    },
  });

  const body = async (request: IncomingMessage): Promise<Buffer> => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    return Buffer.concat(parts);
  };
  const json = (response: ServerResponse, status: number, value: unknown): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  };
  const drained = (response: ServerResponse): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        response.off("drain", done).off("close", done);
        resolve();
      };
      response.once("drain", done).once("close", done);
    });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://fake");
    const [, id = "", part = ""] = /^\/v1\/jobs\/([^/]+)\/(frames|artifact)$/.exec(pathname) ?? [];
    const ours = pathname === "/graphql" || pathname === "/uploads" || part !== "";
    if (!ours && fallback) return fallback(request, response);
    if (refusing) return json(response, 503, { error: "The gateway starts." });
    if (token && request.headers.authorization !== `Bearer ${token}`)
      return json(response, 401, { error: "No such token" });
    if (pathname === "/uploads" && request.method === "POST") {
      const bytes = await body(request);
      const upload = `upload-${uploads.size + 1}`;
      const mime = request.headers["content-type"] ?? "";
      uploads.set(upload, { bytes, mime });
      return json(response, 201, { id: upload, mime, size: bytes.length });
    }
    if (pathname === "/graphql" && request.method === "POST") {
      const { query, variables } = JSON.parse(String(await body(request))) as {
        query: string;
        variables: Record<string, unknown>;
      };
      if (!request.headers.accept?.includes("text/event-stream")) {
        return json(response, 200, await graphql({ schema, source: query, rootValue, variableValues: variables }));
      }
      const root = subscriptionRoot(
        () => request.socket.destroy(),
        () => response.destroyed,
      );
      const result = await subscribe({ schema, document: parse(query), rootValue: root, variableValues: variables });
      if (!(Symbol.asyncIterator in result)) return json(response, 400, result);
      response.writeHead(200, { "content-type": "text/event-stream" }).write(":\n\n");
      for await (const value of result as AsyncIterable<ExecutionResult>) {
        if (!response.write(`event: next\ndata: ${JSON.stringify(value)}\n\n`)) await drained(response);
      }
      return void response.end("event: complete\ndata:\n\n");
    }
    const job = jobs.get(id);
    if (!job) return json(response, 404, { error: "Not found." });
    if (part === "frames") {
      seen.connections += 1;
      const after = searchParams.get("after");
      response.writeHead(200, { "content-type": "application/octet-stream" });
      const events = job.read(after ? positionOf(after) : undefined, () => closed || response.destroyed);
      for await (const step of wireFaults(events, faults, random)) {
        if ("complete" in step) break;
        if ("cut" in step) {
          response.write(Uint8Array.of(0, 0, 1));
          return void setTimeout(() => request.socket.destroy(), 1);
        }
        seen.deliveries += 1;
        if (!response.write(record(step.event))) await drained(response);
      }
      return void response.end();
    }
    const artifact = job.artifact();
    if (!artifact) return json(response, 404, { error: "There is no file yet." });
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    const { length } = artifact.content;
    const headers = { "content-type": artifact.mime, "accept-ranges": "bytes" };
    if (from === undefined) return void response.writeHead(200, headers).end(artifact.content);
    const last = to ? Number(to) : length - 1;
    response.writeHead(206, { ...headers, "content-range": `bytes ${from}-${last}/${length}` });
    response.end(artifact.content.subarray(Number(from), last + 1));
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) json(response, 500, { error: String(error) });
      else response.destroy();
    });
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const webSockets = new WebSocketServer({ noServer: true });
  const liveSockets = new WebSocketServer({ noServer: true });
  const graphqlServer = useServer(
    {
      execute,
      subscribe,
      schema,
      onConnect: ({ connectionParams }) => !token || connectionParams?.["authorization"] === `Bearer ${token}`,
      roots: { query: rootValue, mutation: rootValue },
      onSubscribe: (context, _id, { query, variables, operationName }) => ({
        schema,
        document: parse(query),
        variableValues: variables,
        operationName,
        rootValue: {
          ...rootValue,
          ...subscriptionRoot(
            () => context.extra.socket.terminate(),
            () => context.extra.socket.readyState !== 1,
          ),
        },
      }),
    },
    webSockets,
  );
  server.on("upgrade", (request, socket, head) => {
    const [, id] = /^\/v1\/jobs\/([^/]+)\/audio\?ticket=t$/.exec(request.url ?? "") ?? [];
    if (refusing) return void socket.destroy();
    if (id === undefined)
      return webSockets.handleUpgrade(request, socket, head, (ws) => webSockets.emit("connection", ws, request));
    liveSockets.handleUpgrade(request, socket, head, (ws) => {
      const job = jobs.get(id);
      if (!job) return ws.close(4404, "There is no such job.");
      ws.on("message", (data: Buffer, binary: boolean) => {
        if (binary) return job.feed(new Float32Array(Uint8Array.from(data).buffer));
        job.feed("end");
        ws.close(1000);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));

  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const close = async (): Promise<void> => {
    closed = true;
    await graphqlServer.dispose();
    cut();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    cut,
    refuse(value) {
      refusing = value;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
