import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isEnded } from "../job.ts";
import { jobsConformance } from "../testing/jobs-conformance.ts";
import { type RedisServer, redisServer } from "../testing/redis-server.ts";
import { type HarnessOptions, type JobsHarness, painting } from "../testing/workbench.ts";
import { redisJobs } from "./redis-jobs.ts";

let server: RedisServer | undefined;
let admin: Redis;
let last = 0;

beforeAll(async () => {
  server = await redisServer();
  if (!server && process.env["CI"] === "true") throw new Error("There is no redis-server.");
  if (server) admin = new Redis(server.url);
});
afterAll(async () => {
  admin?.disconnect();
  await server?.[Symbol.asyncDispose]();
});

/** Jobs under a prefix of their own. */
function open(options: HarnessOptions = {}): JobsHarness {
  const prefix = `case${++last}`;
  const jobs = redisJobs({ url: server!.url, prefix, lockMilliseconds: 600, checkMilliseconds: 150, ...options });
  return {
    ...jobs,
    // What a stalled worker does: nothing, until its lock has run out.
    async lose(id) {
      const before = await jobs.engine.get(id);
      const locks = (await admin.keys(`${prefix}:*:${id}:lock`)) ?? [];
      expect(locks).toHaveLength(1);
      await admin.del(...locks);
      for (;;) {
        const now = await jobs.engine.get(id);
        if (!now || isEnded(now.state) || now.fence !== before?.fence) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    },
  };
}

// All of them are in redis-jobs.full.ts.
const quick = [
  "streams frames",
  "accepts nothing of a worker",
  "resumes from a checkpoint",
  "cancels a running job",
  "gives the same job",
];
const cases = jobsConformance().filter(({ name }) => quick.some((one) => name.startsWith(one)));

test("the quick cases are there", () => expect(cases).toHaveLength(quick.length));

for (const { name, check } of cases)
  test(name, async ({ skip }) => {
    if (!server) skip("there is no redis-server here");
    await check(async (options) => open(options));
  });

test("two processes' views agree: what one submits and writes, the other gives and reads", async ({ skip }) => {
  if (!server) skip("there is no redis-server here");
  const [a, b] = [1, 2].map(() => redisJobs({ url: server!.url, prefix: "shared" }));
  await using gateway = a!;
  await using worker = b!;
  const { id } = await gateway.engine.submit(painting);
  const stop = await worker.engine.work({
    capabilities: { applications: ["paint"], device: "cpu" },
    slots: 1,
    async handler({ fence }) {
      await worker.log.start(id, fence);
      const facts = { mime: "image/jpeg", pts: 0, duration: 1, width: 1, height: 1 };
      for (let seq = 1; seq <= 300; seq++)
        await worker.log.append(id, fence, seq, { ...facts, bytes: Uint8Array.of(seq % 256) });
      await worker.log.end(id, fence, { reason: "completed" });
      return "ended";
    },
  });
  const seen: number[] = [];
  for await (const event of gateway.log.read(id)) if (event.event === "frame") seen.push(event.bytes[0]!);
  expect(seen).toEqual(Array.from({ length: 300 }, (_, i) => (i + 1) % 256));
  await stop();
});

test("a check waits for the first connection, and tells of none", async ({ skip }) => {
  if (!server) skip("there is no redis-server here");
  const jobs = redisJobs({ url: server!.url, prefix: `case${++last}` });
  await jobs.engine.check();
  await jobs[Symbol.asyncDispose]();
  const nowhere = redisJobs({ url: "redis://127.0.0.1:1", prefix: "none" });
  await expect(nowhere.engine.check()).rejects.toMatchObject({ code: "unavailable" });
  await nowhere[Symbol.asyncDispose]();
});
