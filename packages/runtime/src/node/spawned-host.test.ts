import { kill } from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { tensor } from "@prosopon/graph";
import { afterAll, describe, expect, test } from "vitest";
import { handleOf, tensorOf } from "../outputs.ts";
import { hostConformance, tinyModel } from "../testing.ts";
import { spawnedHost } from "./spawned-host.ts";

/** Product after product: two GFLOP each, so at least 10 ms on any single thread. */
const size = 1024;
const square = { shape: [size, size] };
const chain = (length: number) =>
  tinyModel({
    inputs: { x0: square },
    outputs: { [`x${length}`]: square },
    nodes: Array.from({ length }, (_, i) => ({
      operator: "MatMul",
      inputs: [`x${i}`, "x0"],
      outputs: [`x${i + 1}`],
    })),
  });
const feeds = { x0: tensor("float32", [size, size]) };
const twice = tinyModel({
  inputs: { x: { shape: [2] } },
  outputs: { y: { shape: [2] } },
  nodes: [{ operator: "Add", inputs: ["x", "x"], outputs: ["y"] }],
});
const x = tensor("float32", [2], [1, 2]);

/** Whether a process runs (one that has ended but was not collected counts as gone). */
async function gone(processId: number): Promise<boolean> {
  for (let i = 0; i < 200; i++) {
    try {
      kill(processId, 0);
    } catch {
      return true;
    }
    await wait(50);
  }
  return false;
}

/** Resolves when the child has been at a call for a while. */
async function busy(host: ReturnType<typeof spawnedHost>): Promise<void> {
  while ((await host.ping()).busyMilliseconds < 30) await wait(5);
}

describe("conformance", () => {
  const host = spawnedHost({ modelCacheSize: 3 });
  afterAll(() => host[Symbol.asyncDispose]());
  for (const { name, check } of hostConformance()) test(name, () => check(host));
});

test("answers pings in the middle of a run, and says for how long it is busy", async () => {
  await using host = spawnedHost({ threads: 1 });
  const session = await host.load({ model: chain(80) });
  expect((await host.ping()).busyMilliseconds).toBe(0);
  let ended = false;
  const running = session.run(feeds).finally(() => {
    ended = true;
  });
  const pulses: number[] = [];
  while (pulses.length < 5) {
    const { busyMilliseconds } = await host.ping();
    if (busyMilliseconds > 0) pulses.push(busyMilliseconds);
    await wait(10);
  }
  expect(ended).toBe(false);
  expect(pulses).toEqual([...pulses].sort((a, b) => a - b));
  await running;
  expect((await host.ping()).busyMilliseconds).toBe(0);
});

test("a killed child rejects what it owes; the next call starts another and opens the session again", async () => {
  await using host = spawnedHost({ threads: 1 });
  const long = await host.load({ model: chain(200) });
  const session = await host.load({ model: twice });
  const kept = handleOf(await session.run({ x }, { keep: ["y"] }), "y");
  const { processId } = await host.ping();
  const running = long.run(feeds);
  const waiting = long.run(feeds);
  await busy(host);
  kill(processId, "SIGKILL");
  const both = Promise.allSettled([running, waiting]);
  await expect(running).rejects.toMatchObject({ code: "crashed", message: expect.stringContaining("SIGKILL") });
  await expect(waiting).rejects.toMatchObject({ code: "crashed" });
  await both;
  await expect(host.read(kept)).rejects.toMatchObject({ code: "crashed", message: expect.stringContaining("lost") });
  await expect(session.run({ x: kept })).rejects.toMatchObject({ code: "crashed" });
  expect([...tensorOf(await session.run({ x }), "y").data]).toEqual([2, 4]);
  const fresh = handleOf(await session.run({ x }, { keep: ["y"] }), "y");
  expect([...(await host.read(fresh)).data]).toEqual([2, 4]);
  expect((await host.ping()).processId).not.toBe(processId);
});

test("a cancelled run lets go at once, and the child goes on with the next", async () => {
  await using host = spawnedHost({ threads: 1 });
  const long = await host.load({ model: chain(80) });
  const session = await host.load({ model: twice });
  const { processId } = await host.ping();
  const stop = new AbortController();
  const running = long.run(feeds, { keep: ["x80"], signal: stop.signal });
  await busy(host);
  stop.abort();
  await expect(running).rejects.toMatchObject({ code: "cancelled" });
  expect((await host.ping()).busyMilliseconds).toBeGreaterThan(0); // still at it, but nobody waits
  expect([...tensorOf(await session.run({ x }), "y").data]).toEqual([2, 4]);
  expect((await host.ping()).processId).toBe(processId);
});

test("a call that waits behind another is dropped when cancelled", async () => {
  await using host = spawnedHost({ threads: 1 });
  const long = await host.load({ model: chain(60) });
  // Asked by short messages: megabytes of a call may still be on their way when the child has read the call, and the word that ends it behind them.
  const held = { x0: await host.put(feeds.x0) };
  const stop = new AbortController();
  const first = long.run(held);
  const second = long.run(held, { signal: stop.signal });
  stop.abort();
  await expect(second).rejects.toMatchObject({ code: "cancelled" });
  expect(Object.keys(await first)).toEqual(["x60"]);
  // It would be at the second for a second; a busy machine may take some time to say that it is not.
  let busyFor = 1;
  for (let tries = 0; busyFor > 0 && tries < 10; tries++) {
    await wait(50);
    busyFor = (await host.ping()).busyMilliseconds;
  }
  expect(busyFor).toBe(0);
});

test("a cancelled call does not end the run of somebody else that it waits behind", async () => {
  await using host = spawnedHost({ graceMilliseconds: 50, threads: 1 });
  const long = await host.load({ model: chain(60) });
  const { processId } = await host.ping();
  const stop = new AbortController();
  const first = long.run(feeds);
  const second = long.run(feeds, { signal: stop.signal });
  await busy(host);
  stop.abort();
  await expect(second).rejects.toMatchObject({ code: "cancelled" });
  expect(Object.keys(await first)).toEqual(["x60"]);
  expect((await host.ping()).processId).toBe(processId);
});

test("a child that does not come back from a cancelled run is killed and replaced", async () => {
  await using host = spawnedHost({ graceMilliseconds: 50, threads: 1 });
  const long = await host.load({ model: chain(1000) });
  const session = await host.load({ model: twice });
  const { processId } = await host.ping();
  const stop = new AbortController();
  const running = long.run(feeds, { signal: stop.signal });
  await busy(host);
  const behind = session.run({ x });
  stop.abort();
  await expect(running).rejects.toMatchObject({ code: "cancelled" });
  await expect(behind).rejects.toMatchObject({ code: "crashed", message: expect.stringContaining("50 ms") });
  expect(await gone(processId)).toBe(true);
  expect([...tensorOf(await session.run({ x }), "y").data]).toEqual([2, 4]);
});

test("closing kills the child, also during a run", async () => {
  const host = spawnedHost({ threads: 1 });
  const long = await host.load({ model: chain(1000) });
  const { processId } = await host.ping();
  const running = long.run(feeds);
  const outcome = expect(running).rejects.toMatchObject({ code: "cancelled" });
  await busy(host);
  await host[Symbol.asyncDispose]();
  await outcome;
  expect(await gone(processId)).toBe(true);
  await expect(long.run(feeds)).rejects.toMatchObject({ code: "bad-input" });
  await expect(host.ping()).rejects.toMatchObject({ code: "bad-input" });
});

test("another host's handle is refused", async () => {
  await using one = spawnedHost({ threads: 1 });
  await using other = spawnedHost({ threads: 1 });
  const handle = await one.put(x);
  await expect(other.read(handle)).rejects.toMatchObject({ code: "bad-input" });
  other.release(handle);
  expect([...(await one.read(handle)).data]).toEqual([1, 2]);
});
