import { isEnded, type Job } from "../job.ts";
import { retryAfter } from "../retry-after.ts";
import type { JobsCase } from "./jobs-conformance.ts";
import { bench, events, painting, refuses, same, within, write, written } from "./workbench.ts";

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Queues, placement, cancellation, lost attempts, live sound. */
export const engineCases: readonly JobsCase[] = [
  {
    name: "shows a job in each of its states, to watchers too",
    async check(open) {
      await using jobs = await open();
      const { engine, log } = jobs;
      const job = await engine.submit({ ...painting, needs: { devices: ["cpu"], megabytes: 10 } }, { priority: 7 });
      same(
        [job.state, job.priority, job.fence, job.needs?.megabytes, job.input],
        ["queued", 7, 0, 10, { colour: "red" }],
      );
      const seen: Job[] = [];
      const watching = (async () => {
        for await (const one of engine.watch(job.id)) seen.push(one);
      })();
      const worker = await bench(engine);
      const { claim, done } = await worker.next();
      same([claim.job.id, claim.job.state, claim.job.device, claim.fence], [job.id, "running", "cpu", 1]);
      await claim.progress({ label: "painting", done: 1, total: 2 });
      const progressed = (async () => {
        while (!seen.some(({ progress }) => progress?.done === 1)) await pause(5);
      })();
      await within("the progress", progressed);
      await log.start(job.id, claim.fence);
      await log.end(job.id, claim.fence, { reason: "failed", error: { code: "bad-file", message: "No face." } });
      done("ended");
      await within("the watcher's end", watching);
      const last = seen.at(-1);
      same([last?.state, last?.error, last?.progress?.total], ["failed", { code: "bad-file", message: "No face." }, 2]);
      same((last?.endedAt ?? 0) >= (last?.startedAt ?? 1) && (last?.startedAt ?? 0) >= job.submittedAt, true, "times");
      same(seen.filter(({ state }) => isEnded(state)).length, 1);
      await worker.stop();
      const leaving = engine.watch((await engine.submit(painting)).id);
      await leaving.next();
      const pending = leaving.next();
      await within("return()", Promise.resolve(leaving.return?.()), 2000);
      same((await within("a pending next()", pending, 2000)).done, true);
    },
  },
  {
    name: "cancels a queued job at once",
    async check(open) {
      await using jobs = await open();
      const { engine, log } = jobs;
      const { id } = await engine.submit(painting);
      const reader = events(log.read(id));
      same((await engine.cancel(id)).state, "cancelled");
      same(await reader, ["1.1 cancelled 0"]);
      same((await engine.cancel(id)).state, "cancelled");
      const worker = await bench(engine);
      const other = await engine.submit(painting);
      const { claim, done } = await worker.next();
      same(claim.job.id, other.id, "a cancelled job is not given out");
      await log.end(other.id, claim.fence, { reason: "completed" });
      done("ended");
      await worker.stop();
      same((await engine.cancel(other.id)).state, "completed", "an ended job stays as it is");
      await refuses("not-found", () => engine.cancel("nobody"));
    },
  },
  {
    name: "cancels a running job at its next frame, and frees its slot",
    async check(open) {
      await using jobs = await open();
      const { engine, log } = jobs;
      const { id } = await engine.submit(painting);
      const worker = await bench(engine);
      const { claim, done } = await worker.next();
      await log.start(id, claim.fence);
      await write(log, claim, "A", 1, 3);
      const asked = await engine.cancel(id);
      same([asked.state, asked.cancelling], ["running", true]);
      same(await write(log, claim, "A", 4, 4), ["cancelled"]);
      same(await log.checkpoint(id, claim.fence, 3, new Uint8Array(1)), "cancelled");
      await within(
        "the signal",
        (async () => {
          while (!claim.signal.aborted) await pause(5);
        })(),
      );
      same((claim.signal.reason as { code?: string }).code, "cancelled");
      // The worker had finished meanwhile: who asked for a cancellation gets one.
      await log.end(id, claim.fence, { reason: "completed" });
      done("ended");
      same(await events(log.read(id)), [...written("A", 1, 3), "1.4 cancelled 3"]);
      const other = await engine.submit(painting);
      const next = await worker.next();
      same(next.claim.job.id, other.id);
      await log.end(other.id, next.claim.fence, { reason: "completed" });
      next.done("ended");
      await worker.stop();
    },
  },
  {
    name: "cancels a job whose worker died, without giving it out again",
    async check(open) {
      await using jobs = await open();
      const { engine, log, lose } = jobs;
      const { id } = await engine.submit(painting);
      const worker = await bench(engine, {}, 2);
      const { claim, done } = await worker.next();
      await log.start(id, claim.fence);
      await write(log, claim, "A", 1, 2);
      await engine.cancel(id);
      await lose(id);
      same(await events(log.read(id)), [...written("A", 1, 2), "1.3 cancelled 2"]);
      same(worker.given, 0);
      done("ended");
      await worker.stop();
    },
  },
  {
    name: "ends a cancelled job without its worker, when that says nothing",
    async check(open) {
      await using jobs = await open();
      const { engine, log } = jobs;
      const { id } = await engine.submit(painting);
      const worker = await bench(engine);
      const { claim, done } = await worker.next();
      await log.start(id, claim.fence);
      await write(log, claim, "A", 1, 2);
      await engine.cancel(id);
      same(await events(log.read(id)), [...written("A", 1, 2), "1.3 cancelled 2"]);
      same(await write(log, claim, "A", 3, 3), ["fenced"]);
      same(await log.end(id, claim.fence, { reason: "completed" }), "fenced");
      done("ended");
      same((await engine.get(id))?.state, "cancelled");
      await worker.stop();
    },
  },
  {
    name: "gives a lost job out again, and fails it after the last attempt",
    async check(open) {
      await using jobs = await open({ limits: { maxAttempts: 3 } });
      const { engine, log } = jobs;
      const { id } = await engine.submit(painting);
      const worker = await bench(engine);
      const fences: number[] = [];
      for (let attempt = 0; attempt < 3; attempt++) {
        const { claim, done } = await worker.next();
        fences.push(claim.fence);
        await log.start(id, claim.fence);
        await write(log, claim, `${attempt}-`, 1, 2);
        done(new Error(`crash ${attempt} at /secret/path`));
      }
      same((await events(log.read(id))).at(-1), "3.3 failed 2");
      const job = await engine.get(id);
      same([job?.state, job?.lost, job?.error?.code], ["failed", 3, "internal"]);
      same(job?.error?.message.includes("secret"), false, "no path is shown");
      same(
        new Set(fences).size === 3 && fences.every((fence, i) => i === 0 || fence > fences[i - 1]!),
        true,
        `${fences}`,
      );
      await worker.stop();
    },
  },
  {
    name: "does not count what was handed back, and takes a handler without an end as lost",
    async check(open) {
      await using jobs = await open({ limits: { maxAttempts: 2 } });
      const { engine, log } = jobs;
      const { id } = await engine.submit(painting);
      const worker = await bench(engine);
      for (let i = 0; i < 4; i++) (await worker.next()).done("hand-back");
      (await worker.next()).done("ended");
      const { claim, done } = await worker.next();
      same(claim.job.lost, 1);
      await log.end(id, claim.fence, { reason: "completed" });
      done("ended");
      same((await engine.get(id))?.state, "completed");
      await worker.stop();
    },
  },
  {
    name: "gives the same job for the same key, and refuses the key for another",
    async check(open) {
      await using jobs = await open();
      const { engine } = jobs;
      const trace = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", tracestate: "a=1" };
      const first = await engine.submit(painting, { idempotencyKey: "k1", trace });
      same((await engine.get(first.id))?.trace, trace, "the trace context stays with the job");
      const again = await Promise.all(
        Array.from({ length: 5 }, () =>
          engine.submit({ ...painting, input: { colour: "red" } }, { idempotencyKey: "k1" }),
        ),
      );
      same([...new Set(again.map(({ id }) => id))], [first.id]);
      await refuses("bad-input", () =>
        engine.submit({ ...painting, input: { colour: "blue" } }, { idempotencyKey: "k1" }),
      );
      const other = await engine.submit({ ...painting, tenant: "bert" }, { idempotencyKey: "k1" });
      same(other.id === first.id, false, "keys belong to a tenant");
      const raced = await Promise.all(
        Array.from({ length: 8 }, () => engine.submit(painting, { idempotencyKey: "k2" })),
      );
      same(new Set(raced.map(({ id }) => id)).size, 1, "a race for one key");
      same(await engine.queued(), 3);
    },
  },
  {
    name: "bounds the queue of a tenant, with a hint, and leaves others alone",
    async check(open) {
      await using jobs = await open({ limits: { queuedPerTenant: 3, openPerTenant: 4 } });
      const { engine, log } = jobs;
      const first = await engine.submit(painting);
      const worker = await bench(engine);
      const { claim, done } = await worker.next();
      for (let i = 0; i < 3; i++) await engine.submit(painting);
      const full = await refuses("unavailable", () => engine.submit(painting));
      same((retryAfter(full) ?? 0) > 0, true, "a hint");
      await engine.submit({ ...painting, tenant: "bert" });
      await engine.cancel((await engine.list({ tenant: "anna" }))[0]!.id);
      await engine.submit(painting);
      await refuses("unavailable", () => engine.submit(painting));
      await log.end(first.id, claim.fence, { reason: "completed" });
      done("ended");
      (await worker.next()).done("hand-back");
      await within(
        "a place in the queue",
        (async () => {
          for (;;) {
            const id = await engine.submit(painting).then(
              ({ id }) => id,
              () => undefined,
            );
            if (id) return;
            await pause(10);
          }
        })(),
      );
      const stopped = worker.stop();
      const handBack = (async () => (await worker.next()).done("hand-back"))().catch(() => {});
      await stopped;
      void handBack;
    },
  },
  {
    name: "gives out the higher priority first, then the older",
    async check(open) {
      await using jobs = await open();
      const { engine, log } = jobs;
      const ids: string[] = [];
      for (const priority of [5, 1, 9, 5]) ids.push((await engine.submit(painting, { priority })).id);
      const worker = await bench(engine);
      const order: number[] = [];
      for (let i = 0; i < 4; i++) {
        const { claim, done } = await worker.next();
        order.push(ids.indexOf(claim.job.id));
        await log.end(claim.job.id, claim.fence, { reason: "completed" });
        done("ended");
      }
      same(order, [2, 0, 3, 1]);
      await worker.stop();
    },
  },
  {
    name: "places jobs by application, device and memory",
    async check(open) {
      await using jobs = await open();
      const { engine, log } = jobs;
      const cpu = await bench(engine, { device: "cpu", megabytes: 500 }, 4);
      const small = await engine.submit({ ...painting, needs: { megabytes: 500 } });
      const large = await engine.submit({ ...painting, needs: { megabytes: 501 } });
      const other = await engine.submit({ ...painting, application: "carve" });
      const fast = await engine.submit({ ...painting, needs: { devices: ["cuda"] } });
      const first = await cpu.next();
      same(first.claim.job.id, small.id);
      await pause(150);
      same(cpu.given, 0, "what does not fit waits");
      same(await engine.queued({ applications: ["paint"], device: "cuda", megabytes: 9000 }), 2);
      const cuda = await bench(engine, { applications: ["paint", "carve"], device: "cuda", megabytes: 9000 }, 4);
      const taken = [await cuda.next(), await cuda.next(), await cuda.next()];
      same(taken.map(({ claim }) => claim.job.id).sort(), [large.id, other.id, fast.id].sort());
      for (const { claim, done } of [first, ...taken]) {
        await log.end(claim.job.id, claim.fence, { reason: "completed" });
        done("ended");
      }
      await cpu.stop();
      await cuda.stop();
    },
  },
  {
    name: "gives no more than the slots, and nothing after stop",
    async check(open) {
      await using jobs = await open();
      const { engine, log } = jobs;
      for (let i = 0; i < 4; i++) await engine.submit(painting);
      const worker = await bench(engine, {}, 2);
      const taken = [await worker.next(), await worker.next()];
      await pause(150);
      same([worker.given, await engine.queued()], [0, 2]);
      const stopped = worker.stop();
      for (const { claim, done } of taken) {
        await log.end(claim.job.id, claim.fence, { reason: "completed" });
        done("ended");
      }
      await within("stop", stopped);
      await pause(100);
      same([worker.given, await engine.queued()], [0, 2]);
    },
  },
  {
    name: "lets a job expire that no worker takes",
    async check(open) {
      await using jobs = await open({ limits: { queueMilliseconds: 60 } });
      const { engine, log } = jobs;
      const { id } = await engine.submit(painting);
      same(await events(log.read(id)), ["1.1 expired 0"]);
      same((await engine.get(id))?.state, "expired");
    },
  },
  {
    name: "carries live sound in order, keeps it for a second attempt, and takes no more than is heard",
    async check(open) {
      await using jobs = await open({ limits: { liveSeconds: 1 } });
      const { engine, log, lose } = jobs;
      const { id } = await engine.submit(painting);
      const chunk = (value: number, length = 4000) => new Float32Array(length).fill(value);
      same(await engine.feed(id, chunk(0.25)), "ok");
      same(await engine.feed(id, chunk(-0.5)), "ok");
      const worker = await bench(engine, {}, 2);
      const a = await worker.next();
      const ear = a.claim.live[Symbol.asyncIterator]();
      const hear = async (from: AsyncIterator<Float32Array>) => {
        const { done, value } = await within("sound", from.next());
        return done ? "end" : [value[0], value.length];
      };
      same(
        [await hear(ear), await hear(ear)],
        [
          [0.25, 4000],
          [-0.5, 4000],
        ],
      );
      const pending = ear.next();
      await pause(50);
      await ear.return?.();
      same((await within("a pending next()", pending, 2000)).done, true);
      await lose(id);
      a.done("ended");
      const b = await worker.next();
      const second = b.claim.live[Symbol.asyncIterator]();
      same(
        [await hear(second), await hear(second)],
        [
          [0.25, 4000],
          [-0.5, 4000],
        ],
      );
      const answers: string[] = [];
      for (let i = 0; i < 5; i++) answers.push(await engine.feed(id, chunk(i)));
      same(answers, ["ok", "ok", "ok", "ok", "full"]);
      for (let i = 0; i < 4; i++) same(await hear(second), [i, 4000]);
      same(
        await within(
          "room",
          (async () => {
            for (;;) {
              const answer = await engine.feed(id, chunk(0.125, 16_000));
              if (answer !== "full") return answer;
              await pause(10);
            }
          })(),
        ),
        "ok",
      );
      same(await hear(second), [0.125, 16_000]);
      same(await engine.feed(id, "end"), "ok");
      same(await hear(second), "end");
      same(await engine.feed(id, chunk(1)), "closed");
      await log.end(id, b.claim.fence, { reason: "completed" });
      b.done("ended");
      for (const bad of [new Float32Array(0), new Float32Array(16_001), chunk(Number.NaN)])
        await refuses("bad-input", () => engine.feed(id, bad));
      await refuses("not-found", () => engine.feed("nobody", chunk(1)));
      await worker.stop();
    },
  },
  {
    name: "lists a tenant's jobs, newest first, and forgets removed ones",
    async check(open) {
      await using jobs = await open();
      const { engine, log } = jobs;
      const ids: string[] = [];
      for (let i = 0; i < 5; i++) ids.unshift((await engine.submit({ ...painting, input: { i } })).id);
      await engine.submit({ ...painting, tenant: "bert" });
      const list = async (first: number, after?: string) =>
        (await engine.list({ tenant: "anna", first, ...(after !== undefined && { after }) })).map(({ id }) =>
          ids.indexOf(id),
        );
      same(await list(3), [0, 1, 2]);
      same(await list(3, ids[2]), [3, 4]);
      await engine.remove(ids[1]!);
      same(await engine.get(ids[1]!), undefined);
      same(await list(9), [0, 2, 3, 4]);
      await refuses("not-found", () => log.head(ids[1]!));
      await engine.remove("nobody");
    },
  },
  {
    name: "removes a running job: its worker's next write is refused",
    async check(open) {
      await using jobs = await open();
      const { engine, log } = jobs;
      const { id } = await engine.submit(painting);
      const worker = await bench(engine);
      const { claim, done } = await worker.next();
      await log.start(id, claim.fence);
      await write(log, claim, "A", 1, 1);
      const reader = log.read(id);
      same(await events(reader, 1), written("A", 1, 1));
      const pending = reader.next();
      await engine.remove(id);
      same((await within("the reader to be let go", pending)).done, true);
      await refuses("not-found", () => write(log, claim, "A", 2, 2));
      await within(
        "the signal",
        (async () => {
          while (!claim.signal.aborted) await pause(5);
        })(),
      );
      done("ended");
      const other = await engine.submit(painting);
      const next = await worker.next();
      same(next.claim.job.id, other.id);
      await log.end(other.id, next.claim.fence, { reason: "completed" });
      next.done("ended");
      await worker.stop();
    },
  },
  {
    name: "refuses malformed specifications and options",
    async check(open) {
      await using jobs = await open();
      const { engine } = jobs;
      const wrong: readonly unknown[] = [
        { ...painting, application: "../x" },
        { ...painting, tenant: "a b" },
        { ...painting, tenant: "" },
        { ...painting, input: { when: new Date() } },
        { ...painting, input: [1] },
        { ...painting, needs: { megabytes: -1 } },
        { ...painting, extra: 1 },
        { ...painting, input: { text: "x".repeat(300_000) } },
      ];
      for (const one of wrong) await refuses("bad-input", () => engine.submit(one as typeof painting));
      for (const options of [{ priority: 10 }, { priority: 0.5 }, { idempotencyKey: "" }, { idempotencyKey: "a b" }])
        await refuses("bad-input", () => engine.submit(painting, options));
      await refuses("bad-input", () => engine.submit(painting, { trace: { traceparent: "what?" } }));
      same(await engine.queued(), 0);
      await engine.check();
    },
  },
];
