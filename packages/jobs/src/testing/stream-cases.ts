import { formatCursor, parseCursor } from "../cursor.ts";
import type { JobsCase } from "./jobs-conformance.ts";
import { bench, brief, events, painting, refuses, same, tagged, within, write, written } from "./workbench.ts";

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Frames, cursors, fences, epochs, retention. */
export const streamCases: readonly JobsCase[] = [
  {
    name: "streams frames in order, then one end, to early, late and resuming readers",
    async check(open) {
      await using jobs = await open();
      const { engine, log } = jobs;
      const { id } = await engine.submit(painting);
      const early = [log.read(id), log.read(id), log.read(id)].map((reader) => events(reader));
      const worker = await bench(engine);
      const { claim, done } = await worker.next();
      same(await log.start(id, claim.fence), { epoch: 1, lastSeq: 0 });
      same(await write(log, claim, "A", 1, 30), ["ok"]);
      const middle = events(log.read(id, { after: { epoch: 1, seq: 12 } }));
      same(await write(log, claim, "A", 31, 60), ["ok"]);
      same(await log.end(id, claim.fence, { reason: "completed" }), "ok");
      done("ended");
      const all = [...written("A", 1, 60), "1.61 completed 60"];
      for (const reader of early) same(await reader, all);
      same(await middle, all.slice(12));
      same(await events(log.read(id)), all);
      const cursor = parseCursor(formatCursor({ epoch: 1, seq: 59 }));
      same(await events(log.read(id, { after: cursor })), all.slice(59));
      same(await log.head(id), { epoch: 1, seq: 61 });
      const job = await engine.get(id);
      same([job?.state, job?.lastSeq, job?.lost], ["completed", 60, 0]);
      await worker.stop();
    },
  },
  {
    name: "carries bytes and every fact of a frame unchanged",
    async check(open) {
      await using jobs = await open();
      const { engine, log } = jobs;
      const { id } = await engine.submit(painting);
      const worker = await bench(engine);
      const { claim, done } = await worker.next();
      await log.start(id, claim.fence);
      const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 31) % 256);
      await log.append(id, claim.fence, 1, {
        bytes,
        mime: "image/jpeg",
        pts: 0.1 + 0.2,
        duration: 1 / 30,
        width: 256,
        height: 128,
      });
      const artifact = {
        blob: "b1",
        name: "face.mp4",
        mime: "video/mp4",
        size: 12,
        table: { mean: 0.5, rows: [1, "zwei", null] },
      };
      await log.end(id, claim.fence, { reason: "completed", artifact });
      done("ended");
      const reader = log.read(id);
      const { value: frame } = await reader.next();
      if (frame?.event !== "frame") throw new Error(`expected a frame, got ${frame?.event}`);
      same(
        [frame.mime, frame.pts, frame.duration, frame.width, frame.height],
        ["image/jpeg", 0.1 + 0.2, 1 / 30, 256, 128],
      );
      same([...frame.bytes], [...bytes]);
      const { value: end } = await reader.next();
      same(end?.event === "end" && end.artifact, artifact);
      same((await engine.get(id))?.artifact, artifact);
      await worker.stop();
    },
  },
  {
    name: "accepts nothing of a worker that lost its job, whose frames differ (tagged by attempt)",
    async check(open) {
      await using jobs = await open();
      const { engine, log, lose } = jobs;
      const { id } = await engine.submit(painting);
      const worker = await bench(engine, {}, 2);
      const a = await worker.next();
      await log.start(id, a.claim.fence);
      await write(log, a.claim, "A", 1, 40);
      await log.checkpoint(id, a.claim.fence, 40, Uint8Array.of(40));
      await lose(id);
      same((a.claim.signal.reason as { code?: string } | undefined)?.code, "crashed", "the loser's signal");
      const b = await worker.next();
      await log.start(id, b.claim.fence);
      await write(log, b.claim, "B", 41, 60);
      // A wakes and runs ahead of B with frames of its own.
      const zombie = await write(log, a.claim, "A", 41, 100);
      await log.checkpoint(id, a.claim.fence, 60, Uint8Array.of(99));
      await log.end(id, a.claim.fence, { reason: "failed" });
      const owner = await write(log, b.claim, "B", 61, 100);
      await log.end(id, b.claim.fence, { reason: "completed" });
      a.done("ended");
      b.done("ended");
      const seen = await events(log.read(id));
      const authors = seen.map((one) => one.split(" ")[1]?.[0]).join("");
      same(
        authors.replaceAll(/(.)\1*/g, (run, letter) => `${letter}${run.length} `),
        "A40 B60 c1 ",
        "authors",
      );
      same([zombie, owner], [["fenced"], ["ok"]]);
      same(seen, [...written("A", 1, 40), ...written("B", 41, 100), "1.101 completed 100"]);
      await worker.stop();
    },
  },
  {
    name: "resumes from a checkpoint in the same epoch, each frame once",
    async check(open) {
      await using jobs = await open();
      const { engine, log, lose } = jobs;
      const { id } = await engine.submit(painting);
      const reader = events(log.read(id));
      const worker = await bench(engine, {}, 2);
      const a = await worker.next();
      await log.start(id, a.claim.fence);
      await write(log, a.claim, "A", 1, 10);
      same(await log.checkpoint(id, a.claim.fence, 8, Uint8Array.of(8, 0, 255)), "ok");
      await write(log, a.claim, "A", 11, 13);
      await lose(id);
      a.done("ended");
      const b = await worker.next();
      const start = await log.start(id, b.claim.fence);
      if (typeof start === "string") throw new Error(`the new owner was ${start}`);
      same([start.epoch, start.lastSeq, start.checkpoint?.seq], [1, 13, 8]);
      same([...(start.checkpoint?.state ?? [])], [8, 0, 255]);
      same((await log.latest(id))?.seq, 8);
      same(await write(log, b.claim, "B", 9, 13), ["duplicate"]);
      same(await write(log, b.claim, "B", 14, 20), ["ok"]);
      await log.end(id, b.claim.fence, { reason: "completed" });
      b.done("ended");
      same(await reader, [...written("A", 1, 13), ...written("B", 14, 20), "1.21 completed 20"]);
      same((await engine.get(id))?.lost, 1);
      await worker.stop();
    },
  },
  {
    name: "begins a new epoch without a checkpoint and tells readers by a reset",
    async check(open) {
      await using jobs = await open();
      const { engine, log, lose } = jobs;
      const { id } = await engine.submit(painting);
      const reader = log.read(id);
      const worker = await bench(engine, {}, 2);
      const a = await worker.next();
      await log.start(id, a.claim.fence);
      await write(log, a.claim, "A", 1, 5);
      same(await events(reader, 5), written("A", 1, 5));
      await lose(id);
      a.done("ended");
      const b = await worker.next();
      same(await log.start(id, b.claim.fence), { epoch: 2, lastSeq: 0 });
      await write(log, b.claim, "B", 1, 6);
      await log.end(id, b.claim.fence, { reason: "completed" });
      b.done("ended");
      const second = [...written("B", 1, 6, 2), "2.7 completed 6"];
      same(await events(reader), ["2.0 reset", ...second]);
      same(await events(log.read(id, { after: { epoch: 1, seq: 3 } })), ["2.0 reset", ...second]);
      same(await events(log.read(id)), second);
      await worker.stop();
    },
  },
  {
    name: "keeps the epoch when the lost attempt wrote nothing",
    async check(open) {
      await using jobs = await open();
      const { engine, log, lose } = jobs;
      const { id } = await engine.submit(painting);
      const worker = await bench(engine, {}, 2);
      const a = await worker.next();
      await log.start(id, a.claim.fence);
      await lose(id);
      a.done("ended");
      const b = await worker.next();
      same(await log.start(id, b.claim.fence), { epoch: 1, lastSeq: 0 });
      await log.end(id, b.claim.fence, { reason: "completed" });
      b.done("ended");
      same(await events(log.read(id)), ["1.1 completed 0"]);
      await worker.stop();
    },
  },
  {
    name: "refuses a frame that skips one, and checkpoints of frames that are not there",
    async check(open) {
      await using jobs = await open();
      const { engine, log } = jobs;
      const { id } = await engine.submit(painting);
      const worker = await bench(engine);
      const { claim, done } = await worker.next();
      await log.start(id, claim.fence);
      await write(log, claim, "A", 1, 2);
      await refuses("bad-input", () => log.append(id, claim.fence, 4, tagged("A", 4)));
      await refuses("bad-input", () => log.checkpoint(id, claim.fence, 3, new Uint8Array(1)));
      same(await write(log, claim, "A", 2, 3), ["duplicate", "ok"]);
      await log.end(id, claim.fence, { reason: "completed" });
      same(await write(log, claim, "A", 4, 4), ["fenced"], "after the end");
      same(await log.end(id, claim.fence, { reason: "failed" }), "fenced", "a second end");
      done("ended");
      same((await events(log.read(id))).at(-1), "1.4 completed 3");
      await worker.stop();
    },
  },
  {
    name: "tells of frames that retention took, by count and by bytes",
    async check(open) {
      for (const retention of [{ frames: 10 }, { bytes: 33 }]) {
        await using jobs = await open({ retention });
        const { engine, log } = jobs;
        const { id } = await engine.submit(painting);
        const worker = await bench(engine);
        const { claim, done } = await worker.next();
        await log.start(id, claim.fence);
        await write(log, claim, "A", 1, 40); // from 10 on, three bytes each
        await log.end(id, claim.fence, { reason: "completed" });
        done("ended");
        const seen = await events(log.read(id));
        const [gap, ...rest] = seen;
        const kept = rest.length - 1;
        same(gap, `1.${40 - kept} gap 1-${40 - kept} retention`, JSON.stringify(retention));
        same(rest, [...written("A", 41 - kept, 40), "1.41 completed 40"]);
        same(kept >= 5 && kept <= 11, true, `${kept} kept`);
        same(await events(log.read(id, { after: { epoch: 1, seq: 38 } })), seen.slice(-3));
        same(
          (await events(log.read(id, { after: { epoch: 1, seq: 4 } })))[0],
          `1.${40 - kept} gap 5-${40 - kept} retention`,
        );
        await worker.stop();
      }
    },
  },
  {
    name: "keeps the end when the frames have expired",
    async check(open) {
      await using jobs = await open({ retention: { afterEndMilliseconds: 50 } });
      const { engine, log } = jobs;
      const { id } = await engine.submit(painting);
      const worker = await bench(engine);
      const { claim, done } = await worker.next();
      await log.start(id, claim.fence);
      await write(log, claim, "A", 1, 4);
      await log.checkpoint(id, claim.fence, 4, new Uint8Array(3));
      await log.end(id, claim.fence, { reason: "completed" });
      done("ended");
      const expired = (async () => {
        // A pause of its own: readers of a log in memory would leave no time for timers.
        while ((await events(log.read(id)))[0] !== "1.4 gap 1-4 retention") await pause(10);
      })();
      await within("the frames to expire", expired);
      same(await events(log.read(id, { after: { epoch: 1, seq: 2 } })), ["1.4 gap 3-4 retention", "1.5 completed 4"]);
      same(await log.latest(id), undefined);
      same((await engine.get(id))?.state, "completed");
      await worker.stop();
    },
  },
  {
    name: "lets a live reader skip to the newest frame and says so",
    async check(open) {
      await using jobs = await open();
      const { engine, log } = jobs;
      const { id } = await engine.submit(painting);
      const worker = await bench(engine);
      const { claim, done } = await worker.next();
      await log.start(id, claim.fence);
      await write(log, claim, "A", 1, 3);
      const live = log.read(id, { delivery: "live", lag: 4 });
      same(await events(live, 3), written("A", 1, 3));
      await write(log, claim, "A", 4, 20);
      await events(log.read(id), 20); // another reader: whatever they share knows of all frames now
      same(await events(live, 2), ["1.19 gap 4-19 slow-consumer", "1.20 A20"]);
      await log.end(id, claim.fence, { reason: "completed" });
      done("ended");
      same(await events(live), ["1.21 completed 20"]);
      await worker.stop();
    },
  },
  {
    name: "settles a waiting reader when it is returned or its signal fires, and stays silent for readers of unknown jobs",
    async check(open) {
      await using jobs = await open();
      const { engine, log } = jobs;
      const { id } = await engine.submit(painting);
      for (const leave of ["return", "signal"] as const) {
        const cancel = new AbortController();
        const reader = log.read(id, { signal: cancel.signal });
        const pending = [reader.next(), reader.next()];
        await new Promise((resolve) => setTimeout(resolve, 100)); // until it really waits
        if (leave === "return") await within("return()", Promise.resolve(reader.return?.()), 2000);
        else cancel.abort();
        for (const next of pending) same((await within("a pending next()", next, 2000)).done, true, leave);
        same((await reader.next()).done, true);
      }
      await refuses("not-found", () => log.read("nobody").next());
      await refuses("not-found", () => log.append("nobody", 1, 1, tagged("A", 1)));
      await refuses("not-found", () => log.head("nobody"));
    },
  },
  {
    name: "lets a cursor ahead of the log wait for what comes after it",
    async check(open) {
      await using jobs = await open();
      const { engine, log } = jobs;
      const { id } = await engine.submit(painting);
      const worker = await bench(engine);
      const { claim, done } = await worker.next();
      await log.start(id, claim.fence);
      await write(log, claim, "A", 1, 2);
      const ahead = log.read(id, { after: { epoch: 1, seq: 4 } });
      const beyond = log.read(id, { after: { epoch: 1, seq: 90 } });
      const first = ahead.next();
      await write(log, claim, "A", 3, 6);
      same(brief((await within("frame 5", first)).value), "1.5 A5");
      await log.end(id, claim.fence, { reason: "completed" });
      done("ended");
      same(await events(ahead), ["1.6 A6", "1.7 completed 6"]);
      same(await events(beyond), ["1.7 completed 6"]);
      await worker.stop();
    },
  },
];
