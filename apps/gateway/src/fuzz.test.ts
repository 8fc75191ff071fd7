import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type TestGateway, testGateway } from "./testing/test-gateway.ts";
import { until } from "./testing/until.ts";

// FUZZ_RUNS=10000 for the long form.
const runs = Number(process.env["FUZZ_RUNS"] ?? 150);
const seed = Number(process.env["FUZZ_SEED"] ?? 20261122);

let place: TestGateway;
let job: string;
beforeAll(async () => {
  const lots = 1_000_000_000;
  place = await testGateway({
    limits: {
      operationsPerMinute: lots,
      jobsPerMinute: lots,
      uploadBytesPerHour: lots,
      failuresPerMinute: lots,
      socketsPerAddress: 1000,
    },
    engineLimits: { queuedPerTenant: 1_000_000, openPerTenant: 1_000_000 },
  });
  job = await place.paint({ frames: 3, fps: 500 });
});
afterAll(async () => {
  await place[Symbol.asyncDispose]();
});

/** No crash, and nothing that the gateway itself did not foresee. */
async function healthy(): Promise<void> {
  expect((await fetch(`${place.url}/livez`)).status).toBe(200);
  expect(place.lines.filter((line) => /masked-error|route-failed|INTERNAL/.test(line))).toEqual([]);
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

const send = ({ method, path, headers, body }: Sent): Promise<number> =>
  new Promise((resolve) => {
    const { port } = new URL(place.url);
    const request = httpRequest({ host: "127.0.0.1", port, method, path, headers, timeout: 5000 }, (response) => {
      response.resume();
      response.once("close", () => resolve(response.statusCode ?? 0));
    });
    // The gateway may answer and close before it read the whole body.
    request.once("error", () => resolve(0));
    request.once("timeout", () => request.destroy());
    request.end(body);
  });

const seeds = [
  "{ jobs(first: 5) { nodes { id state artifact { url } } after } }",
  "query Q($id: ID!) { job(id: $id) { ...F } } fragment F on Job { id epoch stream { url ticket } }",
  'mutation { paintFaces(input: { frames: 1, mood: VERY_HAPPY, place: { x: 1, y: 2 }, words: ["a"] }, idempotencyKey: "k") { id } }',
  'mutation { cancelJob(id: "x") { id } }',
  'subscription { frames(jobId: "x", after: "djEuMS4x", delivery: LIVE, maxFps: 3) { __typename ... on Frame { data } } }',
  "subscription { frameBatches(jobId: $id, maxFrames: 3) { ... on StreamEnd { lastSeq } } }",
];

/** `text` with a few places cut, doubled or overwritten. */
const mutated = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(text, fc.array(fc.tuple(fc.nat(), fc.nat(12), fc.string({ maxLength: 8 })), { maxLength: 4 }))
    .map(([whole, edits]) =>
      edits.reduce((now, [at, length, insert]) => {
        const start = at % (now.length + 1);
        return now.slice(0, start) + insert + now.slice(start + length);
      }, whole),
    );

const document = fc.oneof(
  { weight: 5, arbitrary: mutated(fc.constantFrom(...seeds)) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
);
const graphqlBody = fc.oneof(
  fc
    .record(
      {
        query: fc.oneof(document, fc.anything()),
        variables: fc.anything(),
        operationName: fc.anything(),
        extensions: fc.anything(),
      },
      { requiredKeys: [] },
    )
    .map((body) => {
      try {
        return JSON.stringify(body) ?? "";
      } catch {
        return "{}";
      }
    }),
  mutated(document.map((query) => JSON.stringify({ query }))),
);
const multipart = fc
  .tuple(
    mutated(fc.constant('{"query":"mutation($f: File!) { createUpload(file: $f) { id } }","variables":{"f":null}}')),
    mutated(fc.constant('{"0":["variables.f"]}')),
    fc.uint8Array({ maxLength: 60 }),
  )
  .map(([operations, map, bytes]) =>
    Buffer.concat([
      Buffer.from(
        `--b\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${operations}\r\n--b\r\ncontent-disposition: form-data; name="map"\r\n\r\n${map}\r\n--b\r\ncontent-disposition: form-data; name="0"; filename="x"\r\n\r\n`,
      ),
      bytes,
      Buffer.from("\r\n--b--\r\n"),
    ]),
  );
const media = fc
  .tuple(
    fc.constantFrom(
      "\xff\xd8\xff\xe0",
      "\x89PNG\r\n\x1a\n",
      "RIFF....WAVE",
      "RIFF....WEBP",
      "OggS",
      "....ftypisom",
      "\x1a\x45\xdf\xa3",
      "#EXTM3U",
      "",
    ),
    fc.uint8Array({ maxLength: 300 }),
  )
  .map(([head, rest]) => Buffer.concat([Buffer.from(head, "latin1"), rest]));
const word = fc.oneof(
  fc.constantFrom("djEuMS4x", "djEuMS4w", "live", "0", "-1", "1e999", "NaN"),
  fc.string({ maxLength: 30 }).map(encodeURIComponent),
);

const request: fc.Arbitrary<Sent> = fc.oneof(
  graphqlBody.map((body) => ({
    method: "POST",
    path: "/graphql",
    headers: { "content-type": "application/json" },
    body: Buffer.from(body),
  })),
  fc.tuple(graphqlBody, fc.constantFrom("text/event-stream", "multipart/mixed", "*/*")).map(([body, accept]) => ({
    method: "POST",
    path: "/graphql",
    headers: { "content-type": "application/json", accept },
    body: Buffer.from(body),
  })),
  multipart.map((body) => ({
    method: "POST",
    path: "/graphql",
    headers: { "content-type": "multipart/form-data; boundary=b", "x-prosopon": "1" },
    body,
  })),
  media.map((body) => ({ method: "POST", path: "/uploads", headers: {}, body })),
  fc.tuple(word, word, word).map(([after, delivery, maxFps]) => ({
    method: "GET",
    path: `/v1/jobs/${job}/frames?after=${after}&delivery=${delivery}&maxFps=${maxFps}`,
    headers: {},
    body: Buffer.alloc(0),
  })),
  word.map((cursor) => ({
    method: "GET",
    path: `/v1/jobs/${job}/frames/${cursor}`,
    headers: {},
    body: Buffer.alloc(0),
  })),
  fc.string({ maxLength: 20 }).map((range) => ({
    method: "GET",
    path: `/v1/jobs/${job}/artifact`,
    headers: { range: `bytes=${range.replace(/[^\x20-\x7e]/g, "")}` },
    body: Buffer.alloc(0),
  })),
  fc.uint8Array({ maxLength: 99 }).map((body) => ({
    method: "POST",
    path: `/v1/jobs/${job}/audio`,
    headers: { "content-type": "application/octet-stream" },
    body,
  })),
  fc
    .tuple(fc.constantFrom("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"), fc.array(word, { maxLength: 5 }))
    .map(([method, parts]) => ({ method, path: `/${parts.join("/")}`, headers: {}, body: Buffer.alloc(0) })),
);

test(`bad requests get an answer that is no 5xx (${runs} runs, seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(request, async (sent) => {
      const status = await send(sent);
      expect(status === 503 || status < 500, `${sent.method} ${sent.path}: ${status}`).toBe(true);
    }),
    { numRuns: runs, seed, endOnFailure: true },
  );
  await healthy();
}, 600_000);

test(`bad messages on sockets do no harm (${runs} runs, seed ${seed})`, async () => {
  const message = fc.oneof(
    fc
      .tuple(
        fc.constantFrom("connection_init", "subscribe", "complete", "ping", "pong", "next", "x"),
        fc.string({ maxLength: 5 }),
        fc.oneof(
          document.map((query) => ({ query })),
          fc.jsonValue(),
        ),
      )
      .map(([type, id, payload]) => JSON.stringify({ type, id, payload })),
    fc.string({ maxLength: 100 }),
    fc.uint8Array({ maxLength: 100 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 6 }), fc.boolean(), async (messages, sound) => {
      const socket = sound
        ? new WebSocket(`${place.socketUrl}/v1/jobs/${job}/audio`)
        : new WebSocket(`${place.socketUrl}/graphql`, "graphql-transport-ws");
      socket.on("error", () => {});
      await new Promise((resolve) => socket.once("open", resolve).once("close", resolve));
      if (!sound) socket.send('{"type":"connection_init"}');
      for (const one of messages) if (socket.readyState === WebSocket.OPEN) socket.send(one);
      await new Promise((resolve) => setTimeout(resolve, 2));
      socket.terminate();
    }),
    { numRuns: Math.ceil(runs / 3), seed, endOnFailure: true },
  );
  await until("no stream", () => place.gateway.streams === 0);
  await healthy();
}, 600_000);

test(`bytes that are no HTTP do no harm (${runs} runs, seed ${seed})`, async () => {
  const { port } = new URL(place.url);
  const line = mutated(
    fc.constantFrom(
      "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "POST /uploads HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      "GET /graphql HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n",
    ),
  );
  await fc.assert(
    fc.asyncProperty(line, async (text) => {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), "127.0.0.1", () => socket.end(text, "latin1"));
        socket.setTimeout(200, () => socket.destroy());
        socket.resume();
        socket.once("error", () => {});
        socket.once("close", () => resolve());
      });
    }),
    { numRuns: Math.ceil(runs / 3), seed, endOnFailure: true },
  );
  await healthy();
}, 600_000);
