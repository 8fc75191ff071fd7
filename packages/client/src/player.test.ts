import { expect, test } from "vitest";
import { type PlayClock, type PlayerOptions, type PlayReport, play } from "./player.ts";
import type { Frame, StreamEvent } from "./stream-event.ts";

const frame = (index: number, epoch = 1): Frame => ({
  type: "frame",
  epoch,
  seq: index + 1,
  cursor: `c${index}`,
  pts: index / 25,
  duration: 0.04,
  mime: "image/jpeg",
  data: Uint8Array.of(index),
});

/** A world where time passes only from repaint to repaint, 10 ms each. */
function world({ holdable = true } = {}) {
  let time = 0;
  let heard = 0;
  let running = false;
  const run = (value: boolean): void => {
    running = value;
  };
  const clock: PlayClock = {
    now: () => heard,
    ...(holdable ? { hold: () => run(false), release: () => run(true) } : {}),
  };
  return {
    clock,
    time: () => time,
    heard: () => heard,
    repaint: (callback: () => void) =>
      void setImmediate(() => {
        time += 10;
        if (running || !holdable) heard += 0.01;
        callback();
      }),
    /** Resolves at a time of this world. */
    async at(ms: number): Promise<void> {
      while (time < ms) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

async function run(
  events: (at: (ms: number) => Promise<void>) => AsyncIterable<StreamEvent>,
  { holdable = true, ...options }: Partial<PlayerOptions<number>> & { holdable?: boolean } = {},
): Promise<{
  drawn: { picture: number; at: number }[];
  report: PlayReport;
  released: number[];
  reports: PlayReport[];
}> {
  const { clock, repaint, at, heard } = world({ holdable });
  const drawn: { picture: number; at: number }[] = [];
  const released: number[] = [];
  const reports: PlayReport[] = [];
  const report = await play<number>({
    events: events(at),
    clock,
    repaint,
    decode: async ({ data }) => data[0]!,
    draw: (picture) => void drawn.push({ picture, at: heard() }),
    release: (picture) => void released.push(picture),
    onReport: (one) => void reports.push(one),
    ...options,
  });
  return { drawn, report, released, reports };
}

test("shows every frame at its time when they come early, and pulls no further ahead than told", async () => {
  let pulled = 0;
  const leads: number[] = [];
  const { drawn, report, released } = await run(
    async function* () {
      for (; pulled < 50; pulled += 1) yield frame(pulled);
    },
    { ahead: 6, onReport: ({ shown }) => void leads.push(pulled - shown) },
  );
  expect(drawn.map(({ picture }) => picture)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  for (const { picture, at } of drawn) expect(Math.abs(at - picture / 25)).toBeLessThan(0.0151);
  expect(report).toMatchObject({ shown: 50, missed: 0, stalls: 0, buffered: 0 });
  expect(Math.abs(report.offsetMs.worst)).toBeLessThan(15.1);
  expect(released).toHaveLength(50);
  expect(Math.max(...leads)).toBeLessThanOrEqual(7);
});

test("counts 25 frames in a second", async () => {
  const { reports } = await run(async function* () {
    for (let i = 0; i < 60; i += 1) yield frame(i);
  });
  expect(reports.at(50)?.fps).toBeGreaterThanOrEqual(24);
  expect(reports.at(50)?.fps).toBeLessThanOrEqual(26);
});

test("drops late frames and counts them when the clock cannot wait", async () => {
  const { drawn, report, released } = await run(
    async function* (at) {
      for (let i = 0; i < 10; i += 1) yield frame(i);
      await at(1000);
      for (let i = 10; i < 50; i += 1) yield frame(i);
    },
    { holdable: false },
  );
  expect(report.stalls).toBe(0);
  expect(report.missed).toBeGreaterThan(5);
  expect(report.shown + report.missed).toBe(50);
  expect(released).toHaveLength(50);
  expect(drawn.at(-1)?.picture).toBe(49);
});

test("holds the sound instead, where it can, and loses nothing", async () => {
  const { drawn, report } = await run(async function* (at) {
    for (let i = 0; i < 10; i += 1) yield frame(i);
    await at(1500);
    for (let i = 10; i < 50; i += 1) yield frame(i);
  });
  expect(report).toMatchObject({ shown: 50, missed: 0, stalls: 1 });
  // The sound stops half a frame after the missing one was due.
  for (const { picture, at } of drawn) expect(Math.abs(at - picture / 25)).toBeLessThan(0.0351);
});

test("forgets what was waiting when the stream begins again", async () => {
  let resets = 0;
  const { drawn, report } = await run(
    async function* () {
      for (let i = 0; i < 8; i += 1) yield frame(i);
      yield { type: "reset", epoch: 2, reason: "lost", cursor: "c" };
      for (let i = 20; i < 30; i += 1) yield frame(i, 2);
      yield { type: "end", epoch: 2, reason: "COMPLETED", lastSeq: 10, cursor: "c" };
    },
    { onReset: () => void resets++, ahead: 20 },
  );
  expect(resets).toBe(1);
  expect(drawn.map(({ picture }) => picture).filter((picture) => picture >= 20)).toEqual(
    Array.from({ length: 10 }, (_, i) => 20 + i),
  );
  expect(report.end?.reason).toBe("COMPLETED");
});

test("stops at its signal and lets every picture go", async () => {
  const leaving = new AbortController();
  const { report, released } = await run(
    async function* () {
      for (let i = 0; ; i += 1) yield frame(i % 200);
    },
    { signal: leaving.signal, onReport: ({ shown }) => void (shown === 5 && leaving.abort()) },
  );
  expect(report.shown).toBe(5);
  expect(released.length).toBeGreaterThan(5);
});

test("passes on what the stream throws, and says which frame cannot be decoded", async () => {
  const failing = run(async function* () {
    yield frame(0);
    throw new Error("away");
  });
  await expect(failing).rejects.toThrow("away");
  const broken = run(
    async function* () {
      yield frame(3);
    },
    { decode: async () => Promise.reject(new Error("bytes")) },
  );
  await expect(broken).rejects.toMatchObject({ code: "bad-file" });
});
