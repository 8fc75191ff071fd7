import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { embeddedJobs } from "@prosopon/jobs/node";
import { memoryBlobs } from "@prosopon/jobs/testing";
import type { AgentHarness } from "./agent-cases.ts";

/** The embedded engine for one case. Closing it throws when a run left its folder behind. */
export async function embeddedHarness(): Promise<AgentHarness> {
  const jobs = embeddedJobs();
  const folder = await mkdtemp(join(tmpdir(), "agent-"));
  return {
    engine: jobs.engine,
    log: jobs.log,
    blobs: memoryBlobs(),
    folder,
    async [Symbol.asyncDispose]() {
      await jobs[Symbol.asyncDispose]();
      const left = await readdir(folder);
      await rm(folder, { recursive: true });
      if (left.length > 0) throw new Error(`folders of runs were left: ${left}`);
    },
  };
}
