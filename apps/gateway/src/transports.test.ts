import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { FrameLog, JobEngine } from "@prosopon/jobs";
import { embeddedJobs } from "@prosopon/jobs/node";
import { createClient as sseClient } from "graphql-sse";
import { createClient } from "graphql-ws";
import { useServer } from "graphql-ws/use/ws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { readRecords } from "./testing/read-records.ts";
import { collect, FRAMES, socketClient } from "./testing/subscribe.ts";
import { type TestGateway, testGateway } from "./testing/test-gateway.ts";
import { until } from "./testing/until.ts";

let place: TestGateway;
beforeAll(async () => {
  place = await testGateway({ limits: { subscriptionsPerSocket: 100, socketsPerAddress: 100 } });
});
afterAll(async () => {
  await place[Symbol.asyncDispose]();
});

interface Events {
  readonly frames: {
    readonly __typename: string;
    readonly seq: number;
    readonly cursor: string;
    readonly end?: string;
    readonly gap?: string;
  };
}

const ended = async (id: string): Promise<void> =>
  until("the end of the job", async () => (await place.engine.get(id))?.endedAt !== undefined);

test("a socket gets every frame once, in order, then the end; a cursor goes on after it", async () => {
  const id = await place.paint({ frames: 6, fps: 500 });
  const client = socketClient(place.socketUrl);
  const events = (await collect<Events>(client, FRAMES, { id })).map(({ frames }) => frames);
  expect(events.map(({ __typename, seq }) => seq ?? __typename)).toEqual([1, 2, 3, 4, 5, 6, "StreamEnd"]);
  const rest = await collect<Events>(client, FRAMES, { id, after: events[3]!.cursor });
  expect(rest.map(({ frames }) => frames.seq ?? frames.end)).toEqual([5, 6, "COMPLETED"]);
  await client.dispose();
});

test("server-sent events carry the same", async () => {
  const id = await place.paint({ frames: 3, fps: 500 });
  const client = sseClient({ url: `${place.url}/graphql`, retryAttempts: 0 });
  const events: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    client.subscribe<Events>(
      { query: FRAMES, variables: { id } },
      { next: ({ data }) => events.push(data?.frames.seq ?? data?.frames.end), error: reject, complete: resolve },
    );
  });
  expect(events).toEqual([1, 2, 3, "COMPLETED"]);
});

test("the binary stream carries records: frames with their bytes, then the end", async () => {
  const id = await place.paint({ frames: 3, fps: 500, size: 100 });
  const response = await fetch(`${place.url}/v1/jobs/${id}/frames`);
  const records = readRecords(Buffer.from(await response.arrayBuffer()));
  expect(records.map(({ type, seq }) => [type, seq])).toEqual([
    [1, 1],
    [1, 2],
    [1, 3],
    [4, 4],
  ]);
  expect(records[1]!.bytes.length).toBe(100);
  expect(records[1]!.bytes.subarray(4, 11).toString()).toBe("frame 2");
  expect(records[2]!.pts).toBeCloseTo(2 / 500);
  expect(JSON.parse(records[3]!.bytes.toString())).toMatchObject({ reason: "COMPLETED", lastSeq: 3 });
});

test("base64 data, the frame's own address and batches", async () => {
  const id = await place.paint({ frames: 4, fps: 500 });
  await ended(id);
  const client = socketClient(place.socketUrl);
  const query = `subscription($id: ID!) { frameBatches(jobId: $id, maxFrames: 3) { __typename ... on Frame { seq data url } } }`;
  const batches = await collect<{ frameBatches: { seq?: number; data: string; url: string }[] }>(client, query, { id });
  expect(batches.map(({ frameBatches }) => frameBatches.map(({ seq }) => seq))).toEqual([
    [1, 2, 3],
    [4, undefined],
  ]);
  const [first] = batches[0]!.frameBatches;
  expect(Buffer.from(first!.data, "base64").subarray(4, 11).toString()).toBe("frame 1");
  const alone = await fetch(place.url + first!.url);
  expect([alone.status, alone.headers.get("content-type")]).toEqual([200, "image/jpeg"]);
  expect(Buffer.from(await alone.arrayBuffer()).toString("base64")).toBe(first!.data);
  await client.dispose();
});

test("the job itself can be watched until it has ended", async () => {
  const id = await place.paint({ frames: 3, fps: 100 });
  const client = socketClient(place.socketUrl);
  const states = await collect<{ job: { state: string } }>(
    client,
    "subscription($id: ID!) { job(id: $id) { state } }",
    { id },
  );
  expect(states.at(-1)?.job.state).toBe("COMPLETED");
  await client.dispose();
});

test("a LIVE reader who is far behind skips to the newest frame and is told; maxFps thins", async () => {
  const id = await place.paint({ frames: 100, fps: 1000 });
  await ended(id);
  const client = socketClient(place.socketUrl);
  const live = (await collect<Events>(client, FRAMES, { id, delivery: "LIVE" })).map(({ frames }) => frames);
  expect(live.some(({ gap }) => gap === "SLOW_CONSUMER")).toBe(true);
  expect(live.filter(({ seq }) => seq).length).toBeLessThan(20);
  expect(live.at(-1)?.end).toBe("COMPLETED");
  const thin = await collect<Events>(client, FRAMES, { id, maxFps: 100 });
  expect(thin.filter(({ frames }) => frames.seq).length).toBeLessThan(20);
  await client.dispose();
});

test("live sound over a socket makes frames; its end ends the job", async () => {
  const id = await place.paint({ listen: true });
  const { data } = await place.ask(`{ job(id: "${id}") { live { url ticket } } }`);
  const socket = new WebSocket(`${place.socketUrl}${data.job.live.url}?ticket=${data.job.live.ticket}`);
  await new Promise((resolve) => socket.once("open", resolve));
  for (let second = 0; second < 3; second++) socket.send(new Float32Array(16_000).fill(0.1));
  socket.send("end");
  const code = await new Promise((resolve) => socket.once("close", resolve));
  expect(code).toBe(1000);
  await ended(id);
  const job = await place.engine.get(id);
  expect([job?.state, job?.lastSeq]).toEqual(["completed", 3]);
});

test("live sound as the body of a request does the same; what is no sound is refused", async () => {
  const id = await place.paint({ listen: true });
  const headers = { "content-type": "application/octet-stream" };
  const post = (body: BodyInit, more = headers, query = "") =>
    fetch(`${place.url}/v1/jobs/${id}/audio${query}`, { method: "POST", body, headers: more });
  expect((await post(Buffer.from(new Float32Array(8).fill(Number.NaN).buffer))).status).toBe(400);
  expect((await post("x", { "content-type": "text/plain" })).status).toBe(415);
  const sound = Buffer.from(new Float32Array(24_000).buffer);
  expect(await (await post(sound, headers, "?more")).json()).toEqual({ samples: 24_000 });
  expect((await post(sound)).status).toBe(200);
  await ended(id);
  expect((await place.engine.get(id))?.lastSeq).toBe(3);
  const late = await post(sound);
  expect(late.status).toBe(409);
  const socket = new WebSocket(`${place.socketUrl}/v1/jobs/${id}/audio`);
  await new Promise((resolve) => socket.once("open", resolve));
  socket.send(Buffer.alloc(6));
  expect(await new Promise((resolve) => socket.once("close", resolve))).toBe(4800);
});

const SLOW = { frames: 2, fps: 0.1 };

test.each([
  "socket dropped",
  "operation completed",
  "server-sent events aborted",
  "binary stream aborted",
])("20 viewers leave while nothing comes (%s): no reader stays", async (how) => {
  const id = await place.paint(SLOW);
  await until("the first frame", async () => ((await place.log.head(id)).seq ?? 0) > 0);
  const leave: (() => void)[] = [];
  if (how.startsWith("socket") || how.startsWith("operation")) {
    for (let viewer = 0; viewer < 20; viewer++) {
      let raw: WebSocket | undefined;
      const client = createClient({
        url: `${place.socketUrl}/graphql`,
        webSocketImpl: class extends WebSocket {
          constructor(...given: ConstructorParameters<typeof WebSocket>) {
            super(...given);
            raw = this;
          }
        },
        retryAttempts: 0,
      });
      const complete = client.subscribe(
        { query: FRAMES, variables: { id } },
        { next: () => {}, error: () => {}, complete: () => {} },
      );
      leave.push(() => (how.startsWith("socket") ? raw?.terminate() : complete()));
    }
  } else {
    const binary = how.startsWith("binary");
    for (let viewer = 0; viewer < 20; viewer++) {
      const controller = new AbortController();
      const { signal } = controller;
      const request = binary
        ? fetch(`${place.url}/v1/jobs/${id}/frames`, { signal })
        : fetch(`${place.url}/graphql`, {
            method: "POST",
            headers: { "content-type": "application/json", accept: "text/event-stream" },
            body: JSON.stringify({ query: FRAMES, variables: { id } }),
            signal,
          });
      request.then((response) => response.arrayBuffer()).catch(() => {});
      leave.push(() => controller.abort());
    }
  }
  await until("20 streams", () => place.gateway.streams === 20);
  await sleep(50);
  for (const go of leave) go();
  await until("no stream", () => place.gateway.streams === 0);
  await place.engine.cancel(id);
});

test("negative control: the stock client's retry sends the first cursor again and gets frames twice", async () => {
  const id = await place.paint({ frames: 30, fps: 60 });
  const seen: number[] = [];
  let raw: WebSocket | undefined;
  const client = createClient({
    url: `${place.socketUrl}/graphql`,
    webSocketImpl: class extends WebSocket {
      constructor(...given: ConstructorParameters<typeof WebSocket>) {
        super(...given);
        raw = this;
      }
    },
    retryAttempts: 5,
    retryWait: () => sleep(5),
    shouldRetry: () => true,
  });
  await new Promise<void>((resolve, reject) => {
    client.subscribe<Events>(
      { query: FRAMES, variables: { id } },
      {
        next: ({ data }) => {
          if (data?.frames.seq) seen.push(data.frames.seq);
          if (seen.length === 10) raw?.terminate();
        },
        error: reject,
        complete: resolve,
      },
    );
  });
  expect(seen.length).toBeGreaterThan(30);
  expect(new Set(seen).size).toBe(30);
  await client.dispose();
});

test("a client that moves the cursor in its own variables gets each frame once over dropped sockets", async () => {
  const id = await place.paint({ frames: 30, fps: 60 });
  const seen: number[] = [];
  const variables: Record<string, unknown> = { id };
  let raw: WebSocket | undefined;
  const client = createClient({
    url: `${place.socketUrl}/graphql`,
    webSocketImpl: class extends WebSocket {
      constructor(...given: ConstructorParameters<typeof WebSocket>) {
        super(...given);
        raw = this;
      }
    },
    retryAttempts: 20,
    retryWait: () => sleep(5),
    shouldRetry: () => true,
  });
  await new Promise<void>((resolve, reject) => {
    client.subscribe<Events>(
      { query: FRAMES, variables },
      {
        next: ({ data }) => {
          if (!data?.frames.seq) return;
          seen.push(data.frames.seq);
          variables["after"] = data.frames.cursor;
          if (seen.length % 10 === 0) raw?.terminate();
        },
        error: reject,
        complete: resolve,
      },
    );
  });
  expect(seen).toEqual(Array.from({ length: 30 }, (_, at) => at + 1));
  await client.dispose();
});

test("negative control: the stock useServer({ schema }) passes by every limit and shows the schema", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((resolve) => server.once("listening", resolve));
  const served = useServer(
    { schema: place.gateway.schema, context: () => ({ principal: { tenant: "anonymous", kind: "anonymous" } }) },
    server,
  );
  const { port } = server.address() as { port: number };
  const introspection = "{ __schema { types { fields { type { ofType { ofType { ofType { name } } } } } } } }";
  const stock = socketClient(`ws://127.0.0.1:${port}`);
  expect(await collect(stock, introspection)).toHaveLength(1);
  await stock.dispose();
  await served.dispose();
  const ours = socketClient(place.socketUrl);
  await expect(collect(ours, introspection)).rejects.toSatisfy((errors) =>
    /introspection/i.test(JSON.stringify(errors)),
  );
  await ours.dispose();
});

test.each([
  "sse",
  "binary",
] as const)("a reader over %s who takes nothing is let go; one who waits for news is not", async (transport) => {
  await using other = await testGateway({ limits: { stallSeconds: 1 } });
  const open = (id: string): Promise<{ readonly sent: ClientRequest; readonly response: IncomingMessage }> =>
    new Promise((resolve, reject) => {
      const sent = httpRequest(transport === "sse" ? `${other.url}/graphql` : `${other.url}/v1/jobs/${id}/frames`, {
        agent: false,
        ...(transport === "sse"
          ? { method: "POST", headers: { "content-type": "application/json", accept: "text/event-stream" } }
          : {}),
      });
      sent.on("error", reject).on("response", (response) => resolve({ sent, response }));
      const query = "subscription($id: ID!) { frames(jobId: $id) { ... on Frame { data } } }";
      sent.end(transport === "sse" ? JSON.stringify({ query, variables: { id } }) : undefined);
    });
  const listening = await other.paint({ listen: true });
  try {
    const waiting = await open(listening);
    waiting.response.resume().on("error", () => {});
    // More than the buffers of a socket hold.
    const stalled = await open(await other.paint({ frames: 200, fps: 1000, size: 200_000 }));
    stalled.response.pause().on("error", () => {});
    await until("the one that stalls is let go", () => other.gateway.streams === 1, 30_000);
    await sleep(1500);
    expect(other.gateway.streams).toBe(1);
    waiting.sent.destroy();
    stalled.sent.destroy();
    await until("the other has left", () => other.gateway.streams === 0);
  } finally {
    await other.engine.feed(listening, "end");
  }
});

test("who leaves before the answer over server-sent events leaves no stream open", async () => {
  await using jobs = embeddedJobs();
  let read = 0;
  let looked = 0;
  let answer = (): void => {};
  const slow = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const engine: JobEngine = {
    ...jobs.engine,
    async get(id) {
      looked++;
      await slow;
      return jobs.engine.get(id);
    },
  };
  const log: FrameLog = {
    ...jobs.log,
    read(...all) {
      read++;
      return jobs.log.read(...all);
    },
  };
  await using other = await testGateway({ engine, log, idle: true });
  const id = await other.paint();
  const leaving = new AbortController();
  const query = "subscription($id: ID!) { frames(jobId: $id) { ... on Frame { seq } } }";
  const asked = fetch(`${other.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ query, variables: { id } }),
    signal: leaving.signal,
  });
  await until("it looks for the job", () => looked === 1);
  leaving.abort();
  await expect(asked).rejects.toThrow();
  // One line for the job's start, one for the caller who left.
  const over = (): number => other.lines.filter((line) => JSON.parse(line).event === "request").length;
  await until("the gateway knows", () => over() === 2);
  answer();
  await until("the stream was opened", () => read === 1);
  await until("no stream is open", () => other.gateway.streams === 0);
});

test("pipelined requests are answered in turn; those whose turn never comes leave nothing open", async () => {
  await using other = await testGateway();
  const listening = await other.paint({ listen: true });
  const frames = `GET /v1/jobs/${listening}/frames HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const socket = connect(Number(new URL(other.url).port), "127.0.0.1");
  const body = JSON.stringify({ query: "{ emotions }" });
  socket.write(`GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  socket.write(
    `POST /graphql HTTP/1.1\r\nHost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  socket.write(frames + frames + frames);
  let text = "";
  socket.setEncoding("latin1").on("data", (part: string) => {
    text += part;
  });
  await until("the third answer has begun", () => text.includes("vnd.prosopon.frames"));
  expect([...text.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => status)).toEqual(["200", "200", "200"]);
  expect(text.indexOf("very happy")).toBeLessThan(text.indexOf("vnd.prosopon.frames"));
  await until("one stream is open", () => other.gateway.streams === 1);
  socket.destroy();
  await until("none is", () => other.gateway.streams === 0);
  await other.engine.feed(listening, "end");
});
