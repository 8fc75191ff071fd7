import { type AddressInfo, createConnection, createServer } from "node:net";
import { createClient } from "graphql-ws/client";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { Client, StreamOptions } from "./client.ts";
import { frameSubscription, type WireEvent } from "./frame-subscription.ts";
import { connect } from "./node.ts";
import type { Frame } from "./stream-event.ts";
import { type FakeApplication, type FakeGateway, type FakeGatewayOptions, fakeGateway } from "./testing.ts";

const transports = ["binary", "websocket", "sse"] as const;
const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]();
});

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const picture = (epoch: number, index: number): Uint8Array => Uint8Array.of(0xff, 0xd8, 0xff, epoch, index);
const film = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);

/** `count` frames, the next one every `every` ms in bursts of five. */
const frames = (count: number, every = 2): FakeApplication =>
  async function* () {
    for (let index = 0; index < count; index += 1) {
      if (index % 5 === 0) await sleep(every);
      yield { data: picture(1, index), pts: index / 25 };
      yield { progress: { label: "frames", done: index + 1, total: count } };
    }
    return { name: "film.mp4", mime: "video/mp4", content: film };
  };

async function start(
  options: Partial<FakeGatewayOptions> & { talk?: FakeApplication } = {},
): Promise<{ gateway: FakeGateway; client: Client }> {
  const { talk = frames(100), ...rest } = options;
  const gateway = await fakeGateway({ applications: { talk }, ...rest });
  const client = connect({
    url: gateway.url,
    backoff: { first: 2, most: 20 },
    ...(rest.token ? { token: rest.token } : {}),
  });
  open.push({
    async [Symbol.asyncDispose]() {
      client.close();
      await gateway.close();
    },
  });
  return { gateway, client };
}

async function all(client: Client, id: string, options?: StreamOptions): Promise<Frame[]> {
  const found: Frame[] = [];
  for await (const frame of client.frames(id, options)) found.push(frame);
  return found;
}
const numbersOf = (found: readonly Frame[]): number[] => found.map(({ seq }) => seq);
const counted = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

describe.each(transports)("over %s", (transport) => {
  test("gives each frame once, in order, with its bytes", async () => {
    const { client } = await start();
    const { id } = await client.talk({ picture: "p" });
    const found = await all(client, id, { transport });
    expect(numbersOf(found)).toEqual(counted(100));
    expect(
      found.every(({ data, mime, seq, pts }) => data[4] === seq - 1 && mime === "image/jpeg" && pts === (seq - 1) / 25),
    ).toBe(true);
  });

  test.each([1, 2, 3])("keeps to once and in order on a bad network (seed %i)", async (seed) => {
    const faults = { seed, cut: 0.05, repeat: 0.1, swap: 0.05, complete: 0.03 };
    const { client, gateway } = await start({ faults });
    const { id } = await client.talk({ picture: "p" });
    let reconnections = 0;
    const found = await all(client, id, { transport, onReconnect: () => void reconnections++ });
    expect(numbersOf(found)).toEqual(counted(100));
    // The network was bad enough to mean something.
    expect(reconnections).toBeGreaterThan(2);
    expect(gateway.seen.deliveries).toBeGreaterThan(101);
  });

  test("goes on from a cursor with another client", async () => {
    const { client, gateway } = await start();
    const { id } = await client.talk({ picture: "p" });
    const first: Frame[] = [];
    for await (const frame of client.frames(id, { transport })) {
      first.push(frame);
      if (first.length === 40) break;
    }
    const other = connect({ url: gateway.url });
    const rest = await all(other, id, { transport, after: first.at(-1)!.cursor });
    expect(numbersOf(rest)).toEqual(counted(100).slice(40));
  });

  test("tells of a stream that begins again", async () => {
    let read = (): void => {};
    const allRead = new Promise<void>((resolve) => {
      read = resolve;
    });
    const { client } = await start({
      async *talk() {
        for (let i = 0; i < 10; i += 1) yield { data: picture(1, i) };
        await allRead;
        yield { reset: "worker lost" };
        for (let i = 0; i < 12; i += 1) yield { data: picture(2, i) };
        return undefined;
      },
    });
    const { id } = await client.talk({ picture: "p" });
    const said: string[] = [];
    for await (const event of client.events(id, { transport })) {
      said.push(event.type === "frame" ? `${event.epoch}.${event.seq}` : event.type);
      if (said.length === 10) read();
    }
    const before = counted(10).map((seq) => `1.${seq}`);
    expect(said).toEqual([...before, "reset", ...counted(12).map((seq) => `2.${seq}`), "end"]);
  });

  test("cancels, and says so", async () => {
    const { client } = await start({ talk: frames(5000, 5) });
    const { id } = await client.talk({ picture: "p" });
    let count = 0;
    const reading = (async () => {
      for await (const _ of client.frames(id, { transport })) {
        count += 1;
        if (count === 7) await client.cancel(id);
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: "cancelled" });
    expect(count).toBeLessThan(1000);
  });

  test("lets go at once when its reader leaves or aborts, also while it waits", async () => {
    const { client } = await start({
      async *talk({ signal }) {
        yield { data: picture(1, 0) };
        while (!signal.aborted) await sleep(5);
        return undefined;
      },
    });
    const { id } = await client.talk({ picture: "p" });
    const events = client.events(id, { transport });
    expect(await events.next()).toMatchObject({ value: { seq: 1 } });
    const waiting = events.next();
    await sleep(20);
    await events.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    const leaving = new AbortController();
    const reading = all(client, id, { transport, signal: leaving.signal });
    setTimeout(() => leaving.abort(), 20);
    await expect(reading).rejects.toMatchObject({ code: "cancelled" });
    await client.cancel(id);
  });

  test("asks for no more than its reader uses", async () => {
    const big = new Uint8Array(40_000).fill(7);
    const { client, gateway } = await start({
      async *talk() {
        for (let i = 0; i < 800; i += 1) yield { data: big };
        return undefined;
      },
    });
    const { id } = await client.talk({ picture: "p" });
    await client.finished(id);
    const events = client.frames(id, { transport })[Symbol.asyncIterator]();
    await events.next();
    await sleep(150);
    // 32 MB are there; what a reader of one frame holds is bounded by its buffers and the sockets'.
    expect(gateway.seen.deliveries).toBeLessThan(700);
    let last = 1;
    for (let step = await events.next(); !step.done; step = await events.next()) expect(step.value.seq).toBe(++last);
    expect(last).toBe(800);
  });

  test.each([1500, 0])("leaves a connection that is open on one side only, after %i bytes", async (passed) => {
    const { client, gateway } = await start();
    const { id } = await client.talk({ picture: "p" });
    // Passes so many bytes of its first connection on, then nothing: no data, no end.
    let connections = 0;
    const proxy = createServer((near) => {
      connections += 1;
      const far = createConnection(Number(new URL(gateway.url).port), "127.0.0.1");
      let left = connections === 1 ? passed : Number.POSITIVE_INFINITY;
      near.pipe(far);
      far.on("data", (data: Buffer) => {
        if (left > 0) near.write(data);
        left -= data.length;
      });
      for (const side of [near, far])
        side.on("error", () => undefined).on("close", () => near.destroy() && far.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const { port } = proxy.address() as AddressInfo;
    const behind = connect({ url: `http://127.0.0.1:${port}`, backoff: { first: 2, most: 20 } });
    const found = await all(behind, id, { transport, idleMs: 400 });
    expect(numbersOf(found)).toEqual(counted(100));
    expect(connections).toBeGreaterThan(1);
    behind.close();
    proxy.close();
  });

  test("refuses bad credentials without trying again", async () => {
    const { client, gateway } = await start({ token: "right" });
    const { id } = await client.talk({ picture: "p" });
    const wrong = connect({ url: gateway.url, token: "wrong" });
    const before = gateway.seen.connections;
    await expect(all(wrong, id, { transport })).rejects.toMatchObject({ code: "bad-input" });
    expect(gateway.seen.connections).toBe(before);
    expect(numbersOf(await all(client, id, { transport }))).toEqual(counted(100));
  });

  test("waits for a gateway that is away, and gives up in the end", async () => {
    const { client, gateway } = await start({ talk: frames(100, 4) });
    const { id } = await client.talk({ picture: "p" });
    const found: number[] = [];
    for await (const { seq } of client.frames(id, { transport })) {
      found.push(seq);
      if (seq !== 30) continue;
      gateway.refuse(true);
      gateway.cut();
      setTimeout(() => gateway.refuse(false), 60);
    }
    expect(found).toEqual(counted(100));
    gateway.refuse(true);
    const hasty = connect({ url: gateway.url, backoff: { first: 1, most: 2, attempts: 3 } });
    await expect(all(hasty, id, { transport })).rejects.toMatchObject({ code: "unavailable" });
  });
});

test("the stock retry of graphql-ws repeats frames where this client does not", async () => {
  const { client, gateway } = await start({ talk: frames(60), faults: { seed: 5, cut: 0.05 } });
  const { id } = await client.talk({ picture: "p" });
  const stock = createClient({
    url: `${gateway.url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 1000,
    retryWait: () => sleep(1),
    shouldRetry: () => true,
  });
  const found: number[] = [];
  await new Promise<void>((resolve, reject) => {
    stock.subscribe<{ frames: WireEvent }>(
      { query: frameSubscription, variables: { jobId: id } },
      {
        next: ({ data }) => void (data?.frames.__typename === "Frame" && found.push(data.frames.seq)),
        error: reject,
        complete: resolve,
      },
    );
  });
  await stock.dispose();
  expect(found.length).toBeGreaterThan(60);
  expect(new Set(found).size).toBe(60);
  expect(numbersOf(await all(client, id, { transport: "websocket" }))).toEqual(counted(60));
});

test("starts a job once for one key, watches it to its end and fetches its file", async () => {
  const { client, gateway } = await start({ talk: frames(40, 4) });
  const first = await client.talk({ picture: "p" }, { idempotencyKey: "k" });
  const second = await client.talk({ picture: "p" }, { idempotencyKey: "k" });
  expect(second.id).toBe(first.id);
  setTimeout(() => gateway.cut(), 15);
  const states: string[] = [];
  for await (const { state } of client.watch(first.id)) if (states.at(-1) !== state) states.push(state);
  expect(states.at(-1)).toBe("COMPLETED");
  const { content, mime, name } = await client.artifact(first.id);
  expect([mime, name, new Uint8Array(await content.arrayBuffer())]).toEqual(["video/mp4", "film.mp4", film]);
  await client.delete(first.id);
  await expect(client.job(first.id)).rejects.toMatchObject({ code: "not-found" });
});

test("uploads bytes and feeds live sound", async () => {
  let heard: number[] = [];
  const { client } = await start({
    async *talk({ file, input, live }) {
      const portrait = file(input["picture"]);
      for await (const chunk of live) {
        heard = [...heard, ...chunk];
        yield { data: portrait };
      }
      return undefined;
    },
  });
  const { id: portrait, size } = await client.upload(picture(9, 9), "image/jpeg");
  expect(size).toBe(5);
  const { id } = await client.talk({ picture: portrait, live: true });
  const sound = await client.live(id);
  await sound.write(Float32Array.of(0.25, -0.5));
  await sound.write(new Float32Array(40_000));
  await sound.close();
  const found = await all(client, id);
  // Two samples, then 40,000 in messages of at most a second.
  expect(found).toHaveLength(4);
  expect(found[0]?.data).toEqual(picture(9, 9));
  expect(heard.length).toBe(40_002);
  expect(heard.slice(0, 2)).toEqual([0.25, -0.5]);
  await expect(sound.write(new Float32Array(1))).rejects.toMatchObject({ code: "bad-input" });
});

test("a job that fails says why", async () => {
  const { client } = await start({
    // biome-ignore lint/correctness/useYield: it fails before its first frame
    async *talk() {
      throw new Error("There is no face in the picture.");
    },
  });
  const { id } = await client.talk({ picture: "p" });
  await expect(all(client, id)).rejects.toMatchObject({ code: "crashed", message: "There is no face in the picture." });
  await expect(client.finished(id)).rejects.toMatchObject({ code: "crashed" });
  await expect(client.artifact(id)).rejects.toMatchObject({ code: "not-found" });
});

test("says what is wrong with a request", async () => {
  const { client, gateway } = await start();
  await expect(client.talk({ picture: "p", nonsense: 1 })).rejects.toMatchObject({ code: "bad-input" });
  await expect(client.run("No Name", {})).rejects.toMatchObject({ code: "bad-input" });
  await expect(all(client, "nobody")).rejects.toMatchObject({ code: "not-found" });
  expect(() => connect({ url: "ftp://x" })).toThrow(/no address/);
  const gone = connect({ url: "http://127.0.0.1:9" });
  await expect(gone.models()).rejects.toMatchObject({ code: "unavailable" });
  expect((await client.models()).map(({ name }) => name)).toEqual(["fake"]);
  expect(await client.emotions()).toHaveLength(8);
  client.close();
  await expect(client.job("x")).rejects.toMatchObject({ code: "cancelled" });
  expect(gateway.url).toContain("127.0.0.1");
});

test("a query that gets no answer is unavailable in time; one that its caller left is cancelled", async () => {
  const silent: typeof fetch = (_, init) =>
    new Promise((_resolve, reject) => {
      const leave = (): void => reject(init?.signal?.reason);
      if (init?.signal?.aborted) leave();
      init?.signal?.addEventListener("abort", leave);
    });
  const client = connect({ url: "http://127.0.0.1:1", fetch: silent, answerMs: 30 });
  await expect(client.models()).rejects.toMatchObject({ code: "unavailable" });
  const patient = connect({ url: "http://127.0.0.1:1", fetch: silent });
  const left = AbortSignal.abort(new Error("left"));
  await expect(patient.run("talk", {}, { signal: left })).rejects.toMatchObject({ code: "cancelled" });
});
