import fc from "fast-check";
import { expect, test } from "vitest";
import { cursorOf, isAfter, type Position, positionOf } from "./cursor.ts";
import { type OpenStream, resumeStream } from "./resume-stream.ts";
import type { StreamEvent } from "./stream-event.ts";
import { numbers, wireFaults } from "./testing/wire-faults.ts";

const frame = (epoch: number, seq: number): StreamEvent => ({
  type: "frame",
  epoch,
  seq,
  cursor: cursorOf({ epoch, seq }),
  pts: seq / 25,
  mime: "image/jpeg",
  data: Uint8Array.of(epoch, seq),
});
const end = (epoch: number, lastSeq: number): StreamEvent => ({
  type: "end",
  epoch,
  reason: "COMPLETED",
  lastSeq,
  cursor: cursorOf({ epoch, seq: lastSeq + 1 }),
});
const seqOf = (event: StreamEvent): number => ("seq" in event ? event.seq : positionOf(event.cursor).seq);

/** A log over a network with faults; never more than one epoch is in it. */
function server(
  log: () => readonly StreamEvent[],
  seed: number,
  faults = { cut: 0.1, repeat: 0.2, swap: 0.03, complete: 0.05 },
): OpenStream {
  const random = numbers(seed);
  return async function* (after) {
    const from: Position | undefined = after === undefined ? undefined : positionOf(after);
    const events = async function* () {
      const epoch = log()[0]!.epoch;
      if (from && epoch > from.epoch) {
        yield { type: "reset", epoch, reason: "lost", cursor: cursorOf({ epoch, seq: 0 }) } satisfies StreamEvent;
      }
      for (const event of log()) if (!from || isAfter({ epoch, seq: seqOf(event) }, from)) yield event;
    };
    for await (const step of wireFaults(events(), { seed, ...faults }, random)) {
      if ("cut" in step) throw new Error("cut");
      if ("complete" in step) return;
      yield step.event;
    }
  };
}
const quick = { first: 0, most: 0, attempts: 1000 };
const count = fc.integer({ min: 0, max: 60 });

test("each frame once and in order, whatever the network does", async () => {
  await fc.assert(
    fc.asyncProperty(count, fc.nat(), async (frames, seed) => {
      const log = [...Array.from({ length: frames }, (_, i) => frame(1, i + 1)), end(1, frames)];
      const found: StreamEvent[] = [];
      for await (const event of resumeStream(
        server(() => log, seed),
        { backoff: quick },
      ))
        found.push(event);
      expect(found).toEqual(log);
    }),
    { numRuns: 40 },
  );
});

test("a new epoch voids the old one: its frames come once, after one reset", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 30 }), count, fc.nat(), async (first, second, seed) => {
      const old = Array.from({ length: first }, (_, i) => frame(1, i + 1));
      const fresh = [...Array.from({ length: second }, (_, i) => frame(2, i + 1)), end(2, second)];
      let log: readonly StreamEvent[] = old;
      const found: string[] = [];
      for await (const event of resumeStream(
        server(() => log, seed),
        { backoff: quick },
      )) {
        found.push(event.type === "frame" ? `${event.epoch}.${event.seq}` : event.type);
        // The rest of the connection still shows the old epoch; the next one does not.
        if (found.length === first) log = fresh;
      }
      expect(found).toEqual([
        ...old.map(({ cursor }) => `1.${positionOf(cursor).seq}`),
        "reset",
        ...fresh.slice(0, -1).map(({ cursor }) => `2.${positionOf(cursor).seq}`),
        "end",
      ]);
    }),
    { numRuns: 40 },
  );
});

test("a frame that the server never sends is told as a gap, not waited for without end", async () => {
  const log = [frame(1, 1), frame(1, 4), end(1, 4)];
  const found: StreamEvent[] = [];
  for await (const event of resumeStream(
    server(() => log, 1, { cut: 0, repeat: 0, swap: 0, complete: 0 }),
    { backoff: quick },
  )) {
    found.push(event);
  }
  expect(found.map(({ type }) => type)).toEqual(["frame", "gap", "frame", "end"]);
  expect(found[1]).toMatchObject({ fromSeq: 2, toSeq: 3, reason: "MISSING" });
  const sparse: StreamEvent[] = [];
  for await (const event of resumeStream(
    server(() => log, 1, { cut: 0, repeat: 0, swap: 0, complete: 0 }),
    { sparse: true },
  )) {
    sparse.push(event);
  }
  expect(sparse.map(({ type }) => type)).toEqual(["frame", "frame", "end"]);
});

test("the cursor moves when the next event is asked for, so what failed in use comes again", async () => {
  const asked: (string | undefined)[] = [];
  const open: OpenStream = async function* (after) {
    asked.push(after);
    const from = after === undefined ? 0 : positionOf(after).seq;
    yield frame(1, from + 1);
  };
  const events = resumeStream(open, { backoff: quick });
  for (let i = 0; i < 3; i += 1) await events.next();
  await events.return?.();
  expect(asked).toEqual([undefined, cursorOf({ epoch: 1, seq: 1 }), cursorOf({ epoch: 1, seq: 2 })]);
});
