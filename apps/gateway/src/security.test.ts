import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { ProsoponError } from "@prosopon/errors";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { hashApiKey, newApiKey } from "./auth/api-key.ts";
import { readRecords } from "./testing/read-records.ts";
import { collect, FRAMES, socketClient } from "./testing/subscribe.ts";
import { type TestGateway, testGateway } from "./testing/test-gateway.ts";
import { until } from "./testing/until.ts";

const keys = { anna: newApiKey(), ben: newApiKey() };
const as = (who: keyof typeof keys) => ({ authorization: `Bearer ${keys[who]}` });
const PNG = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(200)]);
const DEEP = "{ __schema { types { fields { type { ofType { ofType { ofType { ofType { name } } } } } } } } }";

let open: TestGateway;
let closed: TestGateway;
beforeAll(async () => {
  open = await testGateway({ limits: { failuresPerMinute: 1000 } });
  closed = await testGateway({
    auth: { keys: (["anna", "ben"] as const).map((tenant) => ({ tenant, sha256: hashApiKey(keys[tenant]) })) },
    origins: ["https://studio.example"],
    limits: { failuresPerMinute: 1000, uploadBytes: 10_000 },
  });
});
afterAll(async () => {
  await open[Symbol.asyncDispose]();
  await closed[Symbol.asyncDispose]();
});

/** A request as bytes say it, with any header. */
const raw = (
  url: string,
  headers: Record<string, string>,
  method = "GET",
  body?: string,
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> =>
  new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    request.on("error", reject);
    request.end(body);
  });

/** "open", or the status or code that the socket was refused with. */
const socketOutcome = (url: string, headers: Record<string, string> = {}): Promise<string> =>
  new Promise((resolve) => {
    const socket = new WebSocket(url, "graphql-transport-ws", { headers });
    socket.once("open", () => {
      resolve("open");
      socket.terminate();
    });
    socket.once("unexpected-response", (_, { statusCode }) => resolve(String(statusCode)));
    socket.once("error", () => resolve("error"));
  });

const message = async (answer: ReturnType<TestGateway["ask"]>): Promise<string> =>
  (await answer).errors?.[0]?.message ?? "no error";

const wide = { depth: 1000, aliases: 1000, directives: 1000, tokens: 100_000, complexity: 1e9 };
const many = (count: number, each: (at: number) => string): string =>
  `{ ${Array.from({ length: count }, (_, at) => each(at)).join(" ")} }`;

test.each([
  ["depth", 3, "{ jobs { nodes { artifact { name } } } }"],
  ["aliases", 10, many(12, (at) => `a${at}: emotions`)],
  ["tokens", 50, many(60, () => "emotions")],
  ["directives", 20, many(30, (at) => `a${at}: emotions @include(if: true)`)],
  ["complexity", 200, "{ jobs(first: 50) { nodes { id state epoch lastSeq } } }"],
] as const)("the limit on %s alone refuses over HTTP and over a socket; without it the same passes", async (limit, bound, query) => {
  await using strict = await testGateway({ limits: { ...wide, [limit]: bound } });
  await using lax = await testGateway({ limits: wide });
  const { errors } = await strict.ask(query);
  expect(errors?.[0]?.message).toMatch(
    limit === "complexity" ? /asks for too much|Query validation error/ : /Query validation error/,
  );
  expect(JSON.stringify(errors)).not.toContain(String(bound));
  expect((await lax.ask(query)).errors).toBeUndefined();
  const client = socketClient(strict.socketUrl);
  await expect(collect(client, query)).rejects.toBeTruthy();
  await client.dispose();
  const other = socketClient(lax.socketUrl);
  expect(await collect(other, query)).toHaveLength(1);
  await other.dispose();
});

test("introspection is refused over HTTP and over a socket, and mistyped fields get no suggestions", async () => {
  expect(await message(open.ask(DEEP))).toMatch(/introspection/i);
  const client = socketClient(open.socketUrl);
  await expect(collect(client, "{ __schema { queryType { name } } }")).rejects.toSatisfy((errors) =>
    /introspection/i.test(JSON.stringify(errors)),
  );
  await client.dispose();
  expect(await message(open.ask("{ emotion }"))).not.toContain("Did you mean");
});

test("what is within the limits passes, so that the rows above refuse for their own reason", async () => {
  const nested = "{ jobs(first: 5) { nodes { artifact { name } } } }";
  expect(await message(open.ask(nested))).toBe("no error");
  expect(await message(open.ask("{ a: emotions b: emotions }"))).toBe("no error");
  expect(await message(open.ask("{ emotions @include(if: true) }"))).toBe("no error");
  const client = socketClient(open.socketUrl);
  expect(await collect(client, nested)).toHaveLength(1);
  await client.dispose();
});

test("GraphiQL and introspection are there in development only", async () => {
  await using development = await testGateway({ development: true });
  const html = { headers: { accept: "text/html" } };
  expect((await fetch(`${development.url}/graphql`, html)).headers.get("content-type")).toContain("text/html");
  expect((await development.ask("{ __schema { queryType { name } } }")).data.__schema.queryType.name).toBe("Query");
  expect((await fetch(`${open.url}/graphql`, html)).headers.get("content-type") ?? "").not.toContain("text/html");
});

test("cross-site forms cannot start anything: multipart and plain text need a header of ours", async () => {
  const query = JSON.stringify({ query: 'mutation { deleteUpload(id: "x") }' });
  const post = (headers: Record<string, string>) =>
    fetch(`${open.url}/graphql`, { method: "POST", headers, body: query });
  expect((await post({ "content-type": "text/plain" })).status).toBe(403);
  const form = new FormData();
  form.set("operations", query);
  expect((await fetch(`${open.url}/graphql`, { method: "POST", body: form })).status).toBe(403);
  expect((await fetch(`${open.url}/graphql?query={emotions}`)).status).toBe(403);
  expect((await fetch(`${open.url}/graphql?query={emotions}`, { headers: { "x-prosopon": "1" } })).status).toBe(200);
});

test("foreign origins are refused on every route and on sockets; listed ones get CORS headers", async () => {
  const evil = { origin: "https://evil.example" };
  const good = { origin: "https://studio.example" };
  for (const path of ["/graphql", "/uploads", "/v1/jobs/x/frames", "/v1/jobs/x/artifact"])
    expect((await raw(closed.url + path, { ...as("anna"), ...evil }, "POST")).status, path).toBe(403);
  expect(await socketOutcome(`${closed.socketUrl}/graphql`, evil)).toBe("403");
  expect(await socketOutcome(`${closed.socketUrl}/graphql`, good)).toBe("open");
  expect(await socketOutcome(`${closed.socketUrl}/graphql`, { origin: closed.url })).toBe("open");
  expect(await socketOutcome(`${closed.socketUrl}/v1/jobs/x/audio`, { ...evil, ...as("anna") })).toBe("403");
  const preflight = await raw(`${closed.url}/graphql`, { ...good, "access-control-request-method": "POST" }, "OPTIONS");
  expect([preflight.status, preflight.headers["access-control-allow-origin"]]).toEqual([204, "https://studio.example"]);
  expect(preflight.headers["access-control-allow-credentials"]).toBeUndefined();
  const own = await raw(`${closed.url}/livez`, {});
  expect(own.headers["access-control-allow-origin"]).toBeUndefined();
});

test("without credentials: this machine only, by local names only (DNS rebinding)", async () => {
  const { createGateway } = await import("./gateway.ts");
  const { engine, log, blobs } = open;
  const gateway = createGateway({ engine, log, blobs, applications: [] });
  await expect(gateway.listen({ port: 0, host: "0.0.0.0" })).rejects.toThrow(
    "Without credentials the gateway serves this machine only",
  );
  expect((await raw(`${open.url}/livez`, { host: "rebound.example" })).status).toBe(403);
  expect((await raw(`${open.url}/livez`, { host: "localhost:80" })).status).toBe(200);
  expect((await raw(`${closed.url}/livez`, { host: "gateway.example" })).status).toBe(200);
});

test("credentials are needed on every route; health is open", async () => {
  for (const [method, path] of [
    ["POST", "/graphql"],
    ["POST", "/uploads"],
    ["GET", "/v1/jobs/x/frames"],
    ["GET", "/v1/jobs/x/frames/djEuMS4x"],
    ["GET", "/v1/jobs/x/artifact"],
    ["POST", "/v1/jobs/x/audio"],
  ] as const) {
    const { status, headers } = await raw(closed.url + path, {}, method);
    expect([path, status, headers["www-authenticate"]]).toEqual([path, 401, "Bearer"]);
    expect((await raw(closed.url + path, { authorization: "Bearer wrong" }, method)).status).toBe(401);
  }
  expect(await socketOutcome(`${closed.socketUrl}/v1/jobs/x/audio`)).toBe("401");
  for (const params of [undefined, { authorization: "Bearer wrong" }, { token: 5 }]) {
    const client = socketClient(closed.socketUrl, params);
    await expect(collect(client, "{ emotions }")).rejects.toMatchObject({ code: 4403 });
  }
  const client = socketClient(closed.socketUrl, { authorization: `Bearer ${keys.anna}` });
  expect(await collect(client, "{ emotions }")).toHaveLength(1);
  await client.dispose();
  for (const path of ["/livez", "/readyz", "/metrics"]) expect((await fetch(closed.url + path)).status).toBe(200);
});

test("a tenant sees, reads, cancels and deletes nothing of another, on any route", async () => {
  const id = await closed.paint({ frames: 2, fps: 500 }, as("anna"));
  await until("the end", async () => (await closed.engine.get(id))?.endedAt !== undefined);
  const upload = await (
    await fetch(`${closed.url}/uploads`, { method: "POST", body: PNG, headers: as("anna") })
  ).json();
  const none = "There is no such job.";
  const ben = as("ben");
  for (const query of [
    `{ job(id: "${id}") { id } }`,
    `mutation { cancelJob(id: "${id}") { id } }`,
    `mutation { deleteJob(id: "${id}") }`,
    `{ jobs(after: "${id}") { nodes { id } } }`,
  ])
    expect(await message(closed.ask(query, {}, ben))).toBe(none);
  expect((await closed.ask("{ jobs { nodes { id } } }", {}, ben)).data.jobs.nodes).toEqual([]);
  for (const path of ["frames", "artifact", "frames/djEuMS4x"])
    expect((await fetch(`${closed.url}/v1/jobs/${id}/${path}`, { headers: ben })).status).toBe(404);
  expect(
    (
      await fetch(`${closed.url}/v1/jobs/${id}/audio`, {
        method: "POST",
        headers: { ...ben, "content-type": "application/octet-stream" },
        body: "",
      })
    ).status,
  ).toBe(404);
  expect(await socketOutcome(`${closed.socketUrl}/v1/jobs/${id}/audio`, ben)).toBe("404");
  const client = socketClient(closed.socketUrl, { authorization: ben.authorization });
  await expect(collect(client, FRAMES, { id })).rejects.toMatchObject([{ message: none }]);
  await expect(collect(client, "subscription($id: ID!) { job(id: $id) { id } }", { id })).rejects.toMatchObject([
    { message: none },
  ]);
  await client.dispose();
  await expect(closed.paint({ portrait: upload.id }, ben)).rejects.toThrow("there is no such upload");
  expect((await closed.ask(`mutation { deleteUpload(id: "${upload.id}") }`, {}, ben)).data.deleteUpload).toBe(false);
  // The same key of another tenant is another job.
  const start = (who: keyof typeof keys) =>
    closed.ask('mutation { paintFaces(input: { frames: 1 }, idempotencyKey: "same") { id } }', {}, as(who));
  const [first, again, other] = [await start("anna"), await start("anna"), await start("ben")].map(
    ({ data }) => data.paintFaces.id,
  );
  expect(again).toBe(first);
  expect(other).not.toBe(first);
  const mine = await fetch(`${closed.url}/v1/jobs/${id}/artifact`, { headers: as("anna") });
  expect(mine.status).toBe(200);
});

test("a ticket opens its own job's bytes, for its scope, and nothing more", async () => {
  const id = await closed.paint({ frames: 2, fps: 500 }, as("anna"));
  const other = await closed.paint({ frames: 2, fps: 500 }, as("anna"));
  const { data } = await closed.ask(`{ job(id: "${id}") { stream { url ticket } live { ticket } } }`, {}, as("anna"));
  const { url, ticket } = data.job.stream;
  const status = async (path: string) => (await fetch(closed.url + path)).status;
  const bytes = Buffer.from(await (await fetch(`${closed.url}${url}?ticket=${ticket}`)).arrayBuffer());
  expect(readRecords(bytes).at(-1)?.type).toBe(4);
  expect(await status(`/v1/jobs/${id}/artifact?ticket=${ticket}`)).toBe(200);
  expect(await status(`/v1/jobs/${other}/artifact?ticket=${ticket}`)).toBe(401);
  expect(await status(`/v1/jobs/${id}/artifact?ticket=${data.job.live.ticket}`)).toBe(401);
  expect(await status(`/v1/jobs/${id}/artifact?ticket=x`)).toBe(401);
  expect((await fetch(`${closed.url}/graphql?ticket=${ticket}`, { method: "POST" })).status).toBe(401);
});

test("bodies are bounded: GraphQL, uploads with and without a length, multipart, sockets", async () => {
  const big = JSON.stringify({ query: `{ emotions } # ${"x".repeat(1_100_000)}` });
  const json = { "content-type": "application/json" };
  expect((await fetch(`${open.url}/graphql`, { method: "POST", headers: json, body: big })).status).toBe(413);
  const post = (body: BodyInit) =>
    fetch(`${closed.url}/uploads`, { method: "POST", headers: as("anna"), body, duplex: "half" } as RequestInit);
  expect((await post(Buffer.concat([PNG, Buffer.alloc(20_000)]))).status).toBe(413);
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(PNG),
  });
  const cut = await post(endless).then(
    ({ status }) => status,
    () => "cut",
  );
  expect([413, "cut"]).toContain(cut);
  expect(await closed.blobs.used("anna")).toBeLessThan(10_000);
  const socket = new WebSocket(`${open.socketUrl}/graphql`, "graphql-transport-ws");
  await new Promise((resolve) => socket.once("open", resolve));
  socket.send("x".repeat(1_100_000));
  expect(await new Promise((resolve) => socket.once("close", resolve))).toBe(1009);
});

test("uploads are known by their bytes, not by what the caller says, and are what their field accepts", async () => {
  const post = async (body: BodyInit, type: string) => {
    const response = await fetch(`${open.url}/uploads`, { method: "POST", headers: { "content-type": type }, body });
    return { status: response.status, ...(await response.json()) };
  };
  const playlist = "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n";
  expect((await post(playlist, "audio/wav")).status).toBe(415);
  expect((await post("<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png")).status).toBe(415);
  expect((await post("", "image/png")).status).toBe(415);
  const png = await post(PNG, "audio/wav");
  expect([png.status, png.mime, png.size]).toEqual([201, "image/png", PNG.length]);
  const wav = await post(Buffer.concat([Buffer.from("RIFF....WAVEfmt "), Buffer.alloc(50)]), "image/png");
  expect(wav.mime).toBe("audio/wav");
  await expect(open.paint({ portrait: wav.id })).rejects.toThrow("audio/wav is not taken");
  const large = await post(Buffer.concat([PNG, Buffer.alloc(2 ** 20)]), "image/png");
  await expect(open.paint({ portrait: large.id })).rejects.toThrow("at most 1048576");
  await expect(open.paint({ portrait: "../../etc/passwd" })).rejects.toThrow("there is no such upload");
  expect(await open.paint({ portrait: png.id, consent: true })).toMatch(/^[A-Za-z0-9-]+$/);
});

test("small files come by multipart too; an application that asks for consent gets no picture without it", async () => {
  await using strict = await testGateway();
  const form = new FormData();
  form.set(
    "operations",
    JSON.stringify({
      query: "mutation($file: File!) { createUpload(file: $file) { id mime size } }",
      variables: { file: null },
    }),
  );
  form.set("map", JSON.stringify({ 0: ["variables.file"] }));
  form.set("0", new Blob([PNG]), "my name.png");
  const response = await fetch(`${strict.url}/graphql`, { method: "POST", headers: { "x-prosopon": "1" }, body: form });
  const { data, errors } = await response.json();
  expect(errors).toBeUndefined();
  expect(data.createUpload).toMatchObject({ mime: "image/png", size: PNG.length });
  const { id } = data.createUpload;
  await expect(strict.paint({ portrait: id })).rejects.toThrow("consent: true");
  const agreed = await strict.ask(
    `mutation { paintFaces(input: { portrait: "${id}", consent: true }, idempotencyKey: "a") { digitalSourceType } }`,
  );
  expect(agreed.data.paintFaces.digitalSourceType).toContain("compositeWithTrainedAlgorithmicMedia");
});

test("what a mutation is given is held against the application's own schema", async () => {
  await expect(open.paint({ frames: -1 })).rejects.toThrow("frames");
  await expect(open.paint({ words: ["x".repeat(30)] })).rejects.toThrow("words.0");
  await expect(open.paint({ nothing: 1 })).rejects.toThrow("nothing");
  await expect(open.paint({ mood: "VERY_SAD" })).rejects.toThrow("VERY_SAD");
  const job = await open.engine.get(await open.paint({ mood: "VERY_HAPPY", place: { x: 1, y: 2 }, frames: 1 }));
  expect(job?.input).toMatchObject({ mood: "very happy", place: { x: 1, y: 2 }, frames: 1, fps: 25 });
});

test("unexpected errors are masked, for the caller and in the log", async () => {
  const secret = "/secret/path 10.0.0.7 password";
  await using broken = await testGateway({
    models: async () => {
      throw new Error(secret);
    },
    ready: async () => {
      throw new ProsoponError("unavailable", secret);
    },
  });
  const { errors } = await broken.ask("{ models { name } }");
  expect(errors).toMatchObject([{ message: "Unexpected error.", extensions: { code: "INTERNAL" } }]);
  const client = socketClient(broken.socketUrl);
  await expect(collect(client, "{ models { name } }")).rejects.toMatchObject([{ message: "Unexpected error." }]);
  await client.dispose();
  const ready = await fetch(`${broken.url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([503, { status: "not ready" }]);
  expect(broken.lines.join("\n")).not.toContain("secret");
  expect(broken.lines.join("\n")).toContain("masked-error");
});

test("the log holds no names of files, no input, no credentials, no addresses", async () => {
  await closed.paint({ words: ["confidential"], frames: 1 }, as("anna"));
  await fetch(`${closed.url}/v1/jobs/private-name/artifact?ticket=private-ticket`);
  const text = closed.lines.join("\n");
  expect(text).toContain('"event":"job"');
  for (const word of ["confidential", keys.anna, "private-name", "private-ticket", "127.0.0.1", "::1"])
    expect(text).not.toContain(word);
});

test("a tenant's operations, jobs, uploads and streams are bounded, and told when to come again", async () => {
  await using small = await testGateway({
    limits: {
      operationsPerMinute: 20,
      jobsPerMinute: 2,
      uploadBytesPerHour: 500,
      streamsPerTenant: 2,
      subscriptionsPerSocket: 2,
    },
  });
  const id = await small.paint({ frames: 2, fps: 0.1 });
  await small.paint({ frames: 1 });
  await expect(small.paint({ frames: 1 })).rejects.toThrow("Too many new jobs");
  const upload = () => fetch(`${small.url}/uploads`, { method: "POST", body: PNG });
  expect((await upload()).status).toBe(201);
  expect((await upload()).status).toBe(201);
  const third = await upload();
  expect([third.status, Number(third.headers.get("retry-after")) > 0]).toEqual([429, true]);
  const controller = new AbortController();
  const stream = () => fetch(`${small.url}/v1/jobs/${id}/frames`, { signal: controller.signal });
  expect([(await stream()).status, (await stream()).status, (await stream()).status]).toEqual([200, 200, 429]);
  controller.abort();
  await until("no stream", () => small.gateway.streams === 0);
  const client = socketClient(small.socketUrl);
  const leave = [1, 2].map(() =>
    client.subscribe({ query: FRAMES, variables: { id } }, { next: () => {}, error: () => {}, complete: () => {} }),
  );
  await until("2 streams", () => small.gateway.streams === 2);
  await expect(collect(client, FRAMES, { id })).rejects.toMatchObject([{ extensions: { code: "RATE_LIMITED" } }]);
  for (const go of leave) go();
  await client.dispose();
  let last = await small.ask("{ emotions }");
  for (let at = 0; at < 20 && !last.errors; at++) last = await small.ask("{ emotions }");
  expect([last.status, last.errors?.[0]?.extensions?.code, Number(last.headers.get("retry-after")) > 0]).toEqual([
    429,
    "RATE_LIMITED",
    true,
  ]);
  const socket = socketClient(small.socketUrl);
  await expect(collect(socket, "{ emotions }")).rejects.toMatchObject([{ extensions: { code: "RATE_LIMITED" } }]);
  await socket.dispose();
});

test("a full queue is an overload: 503 with a time to come again", async () => {
  await using busy = await testGateway({ idle: true, engineLimits: { queuedPerTenant: 1 } });
  const start = (key: string) => busy.ask(`mutation { paintFaces(input: {}, idempotencyKey: "${key}") { id } }`);
  await start("a");
  const { status, errors, headers } = await start("b");
  expect([status, errors?.[0]?.extensions?.code, Number(headers.get("retry-after")) > 0]).toEqual([
    503,
    "QUEUE_FULL",
    true,
  ]);
});

test("guessing keys is bounded by address, also over sockets; sockets of an address are bounded", async () => {
  await using guarded = await testGateway({
    auth: { keys: [{ tenant: "anna", sha256: hashApiKey(keys.anna) }] },
    limits: { failuresPerMinute: 3, socketsPerAddress: 2 },
  });
  const guess = async () =>
    (await fetch(`${guarded.url}/graphql`, { method: "POST", headers: { authorization: "Bearer guess" } })).status;
  expect([await guess(), await guess(), await guess(), await guess()]).toEqual([401, 401, 401, 429]);
  const held = [1, 2].map(() => new WebSocket(`${guarded.socketUrl}/graphql`, "graphql-transport-ws"));
  await Promise.all(held.map((socket) => new Promise((resolve) => socket.once("open", resolve))));
  expect(await socketOutcome(`${guarded.socketUrl}/graphql`)).toBe("429");
  for (const socket of held) socket.terminate();
});

test("a socket that says nothing is closed; compression is off", async () => {
  const socket = new WebSocket(`${open.socketUrl}/graphql`, "graphql-transport-ws");
  await new Promise((resolve) => socket.once("open", resolve));
  expect(socket.extensions).toBe("");
  expect(await new Promise((resolve) => socket.once("close", resolve))).toBe(4408);
});

test("open streams and sockets end with the credential", async () => {
  const { exportJWK, generateKeyPair, SignJWT } = await import("jose");
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const jwk = { ...(await exportJWK(publicKey)), alg: "ES256" };
  await using place = await testGateway({
    auth: { jwt: { issuer: "i", audience: "a", algorithms: ["ES256"], jwks: { keys: [jwk] } } },
  });
  const end = Math.ceil(Date.now() / 1000) + 2;
  const token = await new SignJWT({ tenant: "anna", exp: end })
    .setProtectedHeader({ alg: "ES256" })
    .setIssuer("i")
    .setAudience("a")
    .sign(privateKey);
  const headers = { authorization: `Bearer ${token}` };
  const id = await place.paint({ frames: 2, fps: 0.1 }, headers);
  const response = await fetch(`${place.url}/v1/jobs/${id}/frames`, { headers });
  const client = socketClient(place.socketUrl, headers);
  // It ends by an error, perhaps before anybody waits for it.
  const socketEnd = Promise.allSettled([collect(client, FRAMES, { id })]);
  const records = readRecords(Buffer.from(await response.arrayBuffer()));
  expect(Date.now()).toBeGreaterThanOrEqual(1000 * end - 20);
  expect(records.some(({ type }) => type === 4)).toBe(false);
  await socketEnd;
  await until("no stream", () => place.gateway.streams === 0);
});

test("deletion takes the record, frames, artifact and uploads; uploads end by themselves", async () => {
  await using place = await testGateway({ limits: { uploadSeconds: 1 } });
  const post = async () => (await (await fetch(`${place.url}/uploads`, { method: "POST", body: PNG })).json()).id;
  const portrait = await post();
  const id = await place.paint({ portrait, consent: true, frames: 2, fps: 500 });
  await until("the end", async () => (await place.engine.get(id))?.endedAt !== undefined);
  const artifact = (await place.engine.get(id))?.artifact?.blob ?? "";
  expect(await place.blobs.describe(artifact)).toBeDefined();
  expect((await place.ask(`mutation { deleteJob(id: "${id}") }`)).data.deleteJob).toBe(true);
  expect([
    await place.engine.get(id),
    await place.blobs.describe(artifact),
    await place.blobs.describe(portrait),
  ]).toEqual([undefined, undefined, undefined]);
  expect((await fetch(`${place.url}/v1/jobs/${id}/frames`)).status).toBe(404);
  const kept = await post();
  await until("the upload's end", async () => (await place.blobs.describe(kept)) === undefined);
});

test("a stopping gateway says so, lets a stream end, and closes sockets with 1001", async () => {
  const place = await testGateway({ limits: { drainSeconds: 50 } });
  const id = await place.paint({ listen: true });
  const socket = new WebSocket(`${place.socketUrl}/graphql`, "graphql-transport-ws");
  await new Promise((resolve) => socket.once("open", resolve));
  socket.send(JSON.stringify({ type: "connection_init" }));
  const code = new Promise((resolve) => socket.once("close", resolve));
  const response = await fetch(`${place.url}/v1/jobs/${id}/frames`);
  const closing = place.gateway.close();
  expect((await fetch(`${place.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${place.url}/livez`)).status).toBe(200);
  expect((await fetch(`${place.url}/v1/jobs/${id}/frames`)).status).toBe(503);
  // Only now may the stream come to its end.
  await place.engine.feed(id, new Float32Array(16_000));
  await place.engine.feed(id, "end");
  const records = readRecords(Buffer.from(await response.arrayBuffer()));
  expect([records.filter(({ type }) => type === 1).length, records.at(-1)?.type]).toEqual([1, 4]);
  await closing;
  expect(await code).toBe(1001);
  await expect(fetch(`${place.url}/livez`)).rejects.toThrow();
  await place[Symbol.asyncDispose]();
});

test("metrics tell streams, frames and refusals, and no tenant", async () => {
  const id = await closed.paint({ frames: 1 }, as("anna"));
  await (await fetch(`${closed.url}/v1/jobs/${id}/frames`, { headers: as("anna") })).arrayBuffer();
  await fetch(`${closed.url}/v1/jobs/${id}/frames`);
  const text = await (await fetch(`${closed.url}/metrics`)).text();
  for (const name of [
    "requests_total",
    "operations_total",
    "frames_total",
    "streams",
    "refused_total",
    "operation_seconds_bucket",
  ])
    expect(text).toContain(`prosopon_gateway_${name}`);
  expect(text).not.toMatch(/anna|ben"/);
});

test("the studio's folder is served, with a policy, and nothing outside of it", async () => {
  const { mkdtemp, mkdir, rm, symlink, writeFile } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const { join } = await import("node:path");
  const folder = await mkdtemp(join(tmpdir(), "studio-"));
  const page = join(folder, "page");
  await mkdir(page);
  await writeFile(join(page, "index.html"), "<title>studio</title>");
  await writeFile(join(page, ".hidden.json"), "{}");
  await writeFile(join(folder, "outside.json"), "secret");
  await symlink(join(folder, "outside.json"), join(page, "link.json"));
  await using place = await testGateway({ studio: page });
  const index = await fetch(`${place.url}/`);
  expect(await index.text()).toContain("studio");
  expect(index.headers.get("content-security-policy")).toContain("default-src 'self'");
  expect(index.headers.get("x-content-type-options")).toBe("nosniff");
  const tag = index.headers.get("etag") ?? "";
  expect((await fetch(`${place.url}/`, { headers: { "if-none-match": tag } })).status).toBe(304);
  for (const path of [
    "/link.json",
    "/.hidden.json",
    "/../outside.json",
    "/%2e%2e/outside.json",
    "/..%2foutside.json",
    "/%00.json",
    "/%zz",
    "/missing.js",
    "//outside.json",
  ]) {
    const status = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(place.url).port), "127.0.0.1", () =>
        socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
      );
      let text = "";
      socket.on("data", (chunk) => (text += chunk));
      socket.on("close", () => resolve(text.slice(9, 12)));
      socket.on("error", reject);
    });
    expect([path, status]).toEqual([path, "404"]);
  }
  await rm(folder, { recursive: true });
});
