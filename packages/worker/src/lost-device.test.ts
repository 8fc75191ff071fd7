import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createAgent } from "./agent.ts";
import { embeddedHarness } from "./testing/embedded-harness.ts";
import { fakeText } from "./testing/fake-applications.ts";
import { until } from "./testing/until.ts";

test("a device that goes away under its application: the job goes on where one is left, and comes back with it", async () => {
  const harness = await embeddedHarness();
  const { engine, log, blobs, folder } = harness;
  const lost = join(folder, "..", `lost-${process.pid}`);
  const agent = createAgent({
    engine,
    log,
    blobs,
    folder,
    // A child runs what is built.
    applications: [new URL("../dist/testing/computing-applications.js", import.meta.url).href],
    settings: { lost },
    devices: [{ name: "cpu" }, { name: "cuda", megabytes: 1000 }],
    backoffMilliseconds: { first: 20, most: 200 },
  });
  const cuda = () => agent.devices[1]!;
  const frames = async (id: string): Promise<readonly string[]> => {
    const seen: string[] = [];
    for await (const event of log.read(id)) {
      if (event.event === "frame") seen.push(`${event.cursor.epoch}.${event.cursor.seq} ${fakeText(event.bytes)}`);
      if (event.event === "end") seen.push(event.reason);
    }
    return seen;
  };
  const submit = (count: number) =>
    engine.submit({
      application: "compute",
      input: { frames: count },
      tenant: "anna",
      needs: { devices: ["cuda", "cpu"], megabytes: 100 },
    });
  try {
    await until("both are ready", () => agent.devices.every(({ state }) => state === "READY"));
    const job = await submit(60);
    const reading = frames(job.id);
    await until("frame 10", async () => (await log.head(job.id)).seq >= 10);
    await writeFile(lost, "");
    const seen = await reading;
    const devices = seen.slice(0, -1).map((one) => one.split(" ")[1]);
    // Frame k is 3 k + 4, whoever computed it: none twice, none missing, in one epoch.
    expect(seen).toEqual([
      ...Array.from({ length: 60 }, (_, k) => `1.${k + 1} ${devices[k]} ${3 * k + 4}`),
      "completed",
    ]);
    const left = devices.indexOf("cpu");
    expect(left).toBeGreaterThanOrEqual(10);
    expect(devices).toEqual(devices.map((_, k) => (k < left ? "cuda" : "cpu")));
    await until("the device is known to be gone", () => cuda().state === "SETUP_FAILED");
    expect(cuda().reason).toContain('The device "cuda" is gone.');
    expect(new Set((await frames((await submit(3)).id)).slice(0, -1).map((one) => one.split(" ")[1]))).toEqual(
      new Set(["cpu"]),
    );
    await rm(lost);
    await until("the device is back", () => cuda().state === "READY");
    expect((await frames((await submit(2)).id))[0]).toContain("cuda");
  } finally {
    await agent[Symbol.asyncDispose]();
    await rm(lost, { force: true });
    await harness[Symbol.asyncDispose]();
  }
});
