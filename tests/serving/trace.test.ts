import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { connect } from "@prosopon/client/node";
import { createGateway } from "@prosopon/gateway";
import { embeddedJobs } from "@prosopon/jobs/node";
import { memoryBlobs } from "@prosopon/jobs/testing";
import { createAgent } from "@prosopon/worker";
import { fakeApplication, fakeApplicationsModule } from "@prosopon/worker/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const exporter = new InMemorySpanExporter();
let folder = "";
const before = { ...process.env };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "trace-"));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  // The child has an SDK of its own, as an operator would give it one.
  process.env["TRACE_FILE"] = join(folder, "child.jsonl");
  process.env["NODE_OPTIONS"] = `--import ${new URL("trace-child.mjs", import.meta.url).href}`;
});
afterAll(async () => {
  process.env = before;
  await rm(folder, { recursive: true });
});

test("one trace holds a job's life: submission, queue, claim, run in the child, appends and streams", async () => {
  await using jobs = embeddedJobs();
  const { engine, log } = jobs;
  const blobs = memoryBlobs();
  await using agent = createAgent({
    engine,
    log,
    blobs,
    folder,
    applications: [fakeApplicationsModule],
    devices: [{ name: "cpu" }],
  });
  await using gateway = createGateway({ engine, log, blobs, applications: [fakeApplication({ device: "cpu" })] });
  const { url } = await gateway.listen({ port: 0 });
  const client = connect({ url });
  const job = await client.run("fake", { frames: 60 });
  let frames = 0;
  for await (const _ of client.frames(job.id)) frames++;
  expect(frames).toBe(60);
  await agent.drain();
  const spans = exporter.getFinishedSpans();
  const named = (name: string) => spans.filter((span) => span.name === `prosopon.${name}`);
  const [submit] = named("submit");
  const own = submit!.spanContext();
  for (const name of ["queue", "claim", "stream"]) {
    const found = named(name);
    expect([name, found.map(({ parentSpanContext: parent }) => [parent?.traceId, parent?.spanId])]).toEqual([
      name,
      [[own.traceId, own.spanId]],
    ]);
    expect(found[0]!.attributes["prosopon.job"]).toBe(job.id);
  }
  expect(named("stream")[0]!.attributes["prosopon.frames"]).toBe(60);
  const claim = named("claim")[0]!;
  const appends = named("append");
  expect(appends.map(({ attributes }) => attributes["prosopon.frames"])).toEqual([25, 25, 10]);
  for (const { parentSpanContext: parent } of appends) expect(parent?.spanId).toBe(claim.spanContext().spanId);
  const lines = (await readFile(join(folder, "child.jsonl"), "utf8")).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { name: "prosopon.run", trace: own.traceId, parent: claim.spanContext().spanId },
  ]);
  // Ids, names and counts: nothing that a user gave.
  const told = new Set(spans.flatMap(({ attributes }) => Object.keys(attributes)));
  for (const key of told)
    expect(key).toMatch(/^prosopon\.(job|application|fence|device|outcome|seq|frames|transport|bytes|mime)$/);
});
