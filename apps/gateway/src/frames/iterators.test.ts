import type { Frame, FrameEvent } from "@prosopon/jobs";
import { expect, test } from "vitest";
import { batchEvents } from "./batch-events.ts";
import { mapEvents } from "./map-events.ts";
import { paceEvents } from "./pace-events.ts";
import { thinFrames } from "./thin-frames.ts";

const frame = (seq: number, size = 10): Frame => ({
  event: "frame",
  cursor: { epoch: 1, seq },
  bytes: new Uint8Array(size),
  mime: "image/jpeg",
  pts: (seq - 1) / 25,
  duration: 1 / 25,
  width: 1,
  height: 1,
});

/** Gives its values, then waits until `return()`. */
function waiting<Value>(values: readonly Value[]): AsyncIterableIterator<Value> & { readonly returned: boolean } {
  let at = 0;
  let wake = (_: IteratorResult<Value>): void => {};
  let returned = false;
  return {
    get returned() {
      return returned;
    },
    async next() {
      if (at < values.length) return { done: false, value: values[at++]! };
      return new Promise((resolve) => {
        wake = resolve;
      });
    },
    async return() {
      returned = true;
      wake({ done: true, value: undefined });
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

const wrapped = [
  ["mapEvents", (source: AsyncIterator<FrameEvent>) => mapEvents(source, (event) => event)],
  ["paceEvents", (source: AsyncIterator<FrameEvent>) => paceEvents(source, 1e9)],
  ["batchEvents", (source: AsyncIterator<FrameEvent>) => batchEvents(source, { most: 5, wait: 1 })],
] as const;

test.each(wrapped)("%s: return() settles a next() that waits and reaches the source", async (_, wrap) => {
  const source = waiting<FrameEvent>([]);
  const events = wrap(source);
  const pending = events.next();
  await events.return?.();
  expect(await pending).toMatchObject({ done: true });
  expect(source.returned).toBe(true);
});

test("negative control: an async generator around the same source does not return while it waits", async () => {
  const source = waiting<FrameEvent>([]);
  const generator = (async function* () {
    for await (const event of source) yield event;
  })();
  void generator.next();
  const settled = await Promise.race([
    generator.return(undefined).then(() => "returned"),
    new Promise((resolve) => setTimeout(resolve, 50, "stuck")),
  ]);
  expect([settled, source.returned]).toEqual(["stuck", false]);
  await source.return?.();
});

test("a batch goes out when it is full, or when its first frame has waited long enough", async () => {
  const events = batchEvents(waiting([1, 2, 3, 4, 5]), { most: 3, wait: 5 });
  expect(await events.next()).toEqual({ done: false, value: [1, 2, 3] });
  expect(await events.next()).toEqual({ done: false, value: [4, 5] });
  await events.return?.();
});

test("a paced stream is held to its rate and can be left while it is held", async () => {
  const events = paceEvents(waiting([frame(1, 3000), frame(2, 3000)]), 1000);
  expect((await events.next()).done).toBe(false);
  const pending = events.next();
  expect(await Promise.race([pending, new Promise((resolve) => setTimeout(resolve, 30, "held"))])).toBe("held");
  await events.return?.();
  expect((await pending).done).toBe(true);
});

test("thinned to 10 frames in a second, 25 leave every second or third, and other events pass", () => {
  const keep = thinFrames(10);
  const kept = Array.from({ length: 26 }, (_, at) => keep(frame(at + 1))).filter((event) => event !== undefined);
  expect(kept.length).toBeGreaterThanOrEqual(10);
  expect(kept.length).toBeLessThanOrEqual(11);
  const gap: FrameEvent = { event: "gap", cursor: { epoch: 1, seq: 30 }, from: 27, to: 30, reason: "retention" };
  expect(keep(gap)).toBe(gap);
});
