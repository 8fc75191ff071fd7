import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isEnded } from "../job.ts";
import { jobsConformance } from "../testing/jobs-conformance.ts";
import { type RedisServer, redisServer } from "../testing/redis-server.ts";
import type { HarnessOptions, JobsHarness } from "../testing/workbench.ts";
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

for (const { name, check } of jobsConformance())
  test(name, async ({ skip }) => {
    if (!server) skip("there is no redis-server here");
    await check(async (options) => open(options));
  });
