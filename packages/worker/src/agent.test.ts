import { embeddedJobs } from "@prosopon/jobs/node";
import { memoryBlobs } from "@prosopon/jobs/testing";
import { describe, expect, test } from "vitest";
import { createAgent } from "./agent.ts";
import { agentConformance } from "./testing/agent-cases.ts";
import { embeddedHarness } from "./testing/embedded-harness.ts";

// The others are in agent.full.ts: each starts processes.
const quick = ["runs a job", "kill -9 of the child: resumes", "a poison job fails", "carries live sound"];

describe("an agent on the embedded engine", () => {
  const cases = agentConformance().filter(({ name }) => quick.some((one) => name.startsWith(one)));
  expect(cases).toHaveLength(quick.length);
  for (const { name, check } of cases) test(name, () => check(embeddedHarness));
});

test("options that make no sense are refused", () => {
  const { engine, log } = embeddedJobs();
  const fine = { engine, log, blobs: memoryBlobs(), applications: ["x"], devices: [{ name: "cpu" }], folder: "f" };
  for (const wrong of [
    { devices: [] },
    { devices: [{ name: "cpu" }, { name: "cpu" }] },
    { devices: [{ name: "cpu", slots: 0 }] },
    { applications: [] },
    { deadlineMilliseconds: -1 },
  ])
    expect(() => createAgent({ ...fine, ...wrong }), JSON.stringify(wrong)).toThrow(/no options of an agent/);
});
