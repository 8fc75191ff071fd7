// Bad requests, messages and bytes, as fast-check arbitraries: good ones that were cut, doubled and overwritten, and plain noise.
import fc from "fast-check";

const documents = [
  "{ jobs(first: 5) { nodes { id state artifact { url } } after } }",
  "query Q($id: ID!) { job(id: $id) { ...F } } fragment F on Job { id epoch stream { url ticket } }",
  'mutation { draw(input: { frames: 1, mood: VERY_HAPPY, place: { x: 1, y: 2 }, words: ["a"] }, idempotencyKey: "k") { id } }',
  'mutation { decode(input: { picture: "x" }, idempotencyKey: "k") { id } }',
  'mutation { cancelJob(id: "x") { id } }',
  'mutation { deleteUpload(id: "../../etc/passwd") }',
  'subscription { frames(jobId: "x", after: "djEuMS4x", delivery: LIVE, maxFps: 3) { __typename ... on Frame { data } } }',
  "subscription { frameBatches(jobId: $id, maxFrames: 3) { ... on StreamEnd { lastSeq } } }",
];

/** `text` with a few places cut, doubled or overwritten. */
export const mutated = (text) =>
  fc
    .tuple(text, fc.array(fc.tuple(fc.nat(), fc.nat(12), fc.string({ maxLength: 8 })), { maxLength: 4 }))
    .map(([whole, edits]) =>
      edits.reduce((now, [at, length, insert]) => {
        const start = at % (now.length + 1);
        return now.slice(0, start) + insert + now.slice(start + length);
      }, whole),
    );

const document = fc.oneof(
  { weight: 5, arbitrary: mutated(fc.constantFrom(...documents)) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
);
const json = (value) => {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "{}";
  }
};
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
    .map(json),
  mutated(document.map((query) => JSON.stringify({ query }))),
  fc
    .tuple(fc.constantFrom("{ jobs { nodes ", "[", '{"a":'), fc.integer({ min: 1, max: 3000 }))
    .map(([part, times]) => json({ query: part.repeat(times) })),
);
const multipart = fc
  .tuple(
    mutated(fc.constant('{"query":"mutation($f: File!) { createUpload(file: $f) { id } }","variables":{"f":null}}')),
    mutated(fc.constant('{"0":["variables.f"]}')),
    mutated(fc.constant('form-data; name="0"; filename="x"')),
    fc.uint8Array({ maxLength: 60 }),
    fc.boolean(),
  )
  .map(([operations, map, disposition, bytes, closed]) =>
    Buffer.concat([
      Buffer.from(
        `--b\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${operations}\r\n--b\r\ncontent-disposition: form-data; name="map"\r\n\r\n${map}\r\n--b\r\ncontent-disposition: ${disposition}\r\n\r\n`,
      ),
      bytes,
      Buffer.from(closed ? "\r\n--b--\r\n" : ""),
    ]),
  );
const beginnings = [
  "\xff\xd8\xff\xe0",
  "\x89PNG\r\n\x1a\n",
  "RIFF....WAVE",
  "RIFF....WEBP",
  "OggS",
  "....ftypisom",
  "\x1a\x45\xdf\xa3",
  "#EXTM3U",
  "",
];
const media = fc
  .tuple(fc.constantFrom(...beginnings), fc.uint8Array({ maxLength: 300 }))
  .map(([head, rest]) => Buffer.concat([Buffer.from(head, "latin1"), rest]));
const word = fc.oneof(
  fc.constantFrom(
    "djEuMS4x",
    "djEuMS4w",
    "djEuMjE0NzQ4MzY0Ny45",
    "live",
    "0",
    "-1",
    "1e999",
    "NaN",
    "..%2f..%2fetc",
    "%00",
  ),
  fc.string({ maxLength: 30 }).map(encodeURIComponent),
);
const visible = (text) => text.replace(/[^\x20-\x7e]/g, "");
const headerValue = fc.oneof(
  fc.string({ maxLength: 60 }).map(visible),
  fc.constantFrom(
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "application/json; charset=utf-7",
    "text/html",
    "0",
    "-1",
  ),
);
const uploadHeaders = fc.record(
  {
    "content-type": headerValue,
    "content-encoding": fc.constantFrom("gzip", "br", "deflate", "identity", "x"),
    "content-disposition": headerValue,
    authorization: headerValue,
    expect: fc.constantFrom("100-continue", "200-ok"),
    range: headerValue,
    origin: fc.constantFrom("null", "https://evil.example", "http://127.0.0.1", "x"),
    "x-forwarded-for": headerValue,
    "transfer-encoding": fc.constantFrom("chunked"),
  },
  { requiredKeys: [] },
);
const nothing = Buffer.alloc(0);
const get = (path, headers = {}) => ({ method: "GET", path, headers, body: nothing });
const posted = (headers) => (body) => ({ method: "POST", path: "/graphql", headers, body: Buffer.from(body) });

/** @param job A job that exists and has ended. */
export const badRequest = (job) =>
  fc.oneof(
    graphqlBody.map(posted({ "content-type": "application/json" })),
    fc
      .tuple(graphqlBody, fc.constantFrom("text/event-stream", "multipart/mixed", "*/*"))
      .map(([body, accept]) => posted({ "content-type": "application/json", accept })(body)),
    multipart.map(posted({ "content-type": "multipart/form-data; boundary=b", "x-prosopon": "1" })),
    fc.tuple(media, uploadHeaders).map(([body, headers]) => ({ method: "POST", path: "/uploads", headers, body })),
    fc.tuple(graphqlBody, headerValue).map(([body, type]) => posted({ "content-type": type })(body)),
    fc
      .tuple(word, word, word)
      .map(([after, delivery, maxFps]) =>
        get(`/v1/jobs/${job}/frames?after=${after}&delivery=${delivery}&maxFps=${maxFps}`),
      ),
    word.map((cursor) => get(`/v1/jobs/${job}/frames/${cursor}`)),
    headerValue.map((range) => get(`/v1/jobs/${job}/artifact`, { range: `bytes=${range}` })),
    fc.uint8Array({ maxLength: 99 }).map((body) => ({
      method: "POST",
      path: `/v1/jobs/${job}/audio`,
      headers: { "content-type": "application/octet-stream" },
      body: Buffer.from(body),
    })),
    fc
      .tuple(fc.constantFrom("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"), fc.array(word, { maxLength: 5 }))
      .map(([method, parts]) => ({ method, path: `/${parts.join("/")}`, headers: {}, body: nothing })),
  );

/** Messages for a socket: of GraphQL, or of sound. */
export const badMessages = fc.record({
  sound: fc.boolean(),
  messages: fc.array(
    fc.oneof(
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
    ),
    { maxLength: 6 },
  ),
});

/** Bytes that are hardly HTTP. */
export const badBytes = mutated(
  fc.constantFrom(
    "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "POST /uploads HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "POST /uploads HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\nOggS",
    "GET /graphql HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n",
  ),
);
