// The measured process of tools/load.mjs: a gateway with the embedded engine, and a writer that puts recorded frames into the log.
import { setTimeout as sleep } from "node:timers/promises";
import { createGateway } from "../../apps/gateway/dist/index.js";
import { embeddedJobs } from "../../packages/jobs/dist/node.js";
import { memoryBlobs } from "../../packages/jobs/dist/testing.js";

const { engine, log } = embeddedJobs();
const lots = 1_000_000;
const gateway = createGateway({
  engine,
  log,
  blobs: memoryBlobs(),
  applications: [],
  limits: { streamsPerTenant: lots, socketsPerAddress: lots, operationsPerMinute: lots, drainSeconds: 1 },
});
const claims = [];
const stopWork = await engine.work({
  capabilities: { applications: ["recording"], device: "cpu" },
  slots: 1,
  handler: (claim) => new Promise((resolve) => claims.push({ claim, resolve })),
});
const { port } = await gateway.listen({ port: 0 });
process.send({ port });

async function play({ frames, fps, bytes }) {
  const { claim, resolve } = claims.pop();
  const { job, fence } = claim;
  const before = process.cpuUsage();
  const begun = performance.now();
  for (let seq = 1; seq <= frames; seq++) {
    const wait = begun + (1000 * (seq - 1)) / fps - performance.now();
    if (wait > 0) await sleep(wait);
    const picture = Buffer.alloc(bytes, seq);
    picture.set([0xff, 0xd8, 0xff, 0xe0]);
    picture.writeDoubleBE(performance.timeOrigin + performance.now(), 4);
    await log.append(job.id, fence, seq, {
      bytes: picture,
      mime: "image/jpeg",
      pts: (seq - 1) / fps,
      duration: 1 / fps,
      width: 256,
      height: 256,
    });
  }
  await log.end(job.id, fence, { reason: "completed" });
  // Until the last viewer has it all: on a busy machine that is later than the last append.
  while (gateway.streams > 0) await sleep(5);
  const { user, system } = process.cpuUsage(before);
  const wallSeconds = (performance.now() - begun) / 1000;
  resolve("ended");
  process.send({
    cpuSeconds: (user + system) / 1e6,
    wallSeconds,
    residentMegabytes: Math.round(process.memoryUsage().rss / 1e6),
    streams: gateway.streams,
  });
}

process.on("message", async ({ open, streams, play: wanted, stop }) => {
  if (open) {
    const { id } = await engine.submit({ application: "recording", input: {}, tenant: "anonymous" });
    while (claims.length === 0) await sleep(5);
    await log.start(id, claims[0].claim.fence);
    process.send({ id });
  } else if (streams) {
    while (gateway.streams < streams) await sleep(10);
    process.send({ ready: true });
  } else if (wanted) await play(wanted);
  else if (stop) {
    await gateway.close();
    await stopWork();
    await engine[Symbol.asyncDispose]();
    process.disconnect();
  }
});
