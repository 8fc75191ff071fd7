import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { redisJobs } from "@prosopon/jobs/redis";
import { memoryBlobs, type RedisServer, redisServer } from "@prosopon/jobs/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { agentConformance } from "./testing/agent-cases.ts";
import { embeddedHarness } from "./testing/embedded-harness.ts";

describe("an agent on the embedded engine", () => {
  for (const { name, check } of agentConformance()) test(name, () => check(embeddedHarness));
});

describe("an agent on Redis", () => {
  let server: RedisServer | undefined;
  let last = 0;
  beforeAll(async () => {
    server = await redisServer();
    if (!server && process.env["CI"] === "true") throw new Error("There is no redis-server.");
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  for (const { name, check } of agentConformance())
    test(name, async ({ skip }) => {
      if (!server) skip("there is no redis-server here");
      await check(async () => {
        const jobs = redisJobs({
          url: server!.url,
          prefix: `case${++last}`,
          lockMilliseconds: 3000,
          checkMilliseconds: 1000,
        });
        const folder = await mkdtemp(join(tmpdir(), "agent-"));
        return {
          engine: jobs.engine,
          log: jobs.log,
          blobs: memoryBlobs(),
          folder,
          async [Symbol.asyncDispose]() {
            await jobs[Symbol.asyncDispose]();
            await rm(folder, { recursive: true });
          },
        };
      });
    });
});
