import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { embeddedJobs } from "../embedded/embedded-jobs.ts";
import { bench, painting } from "../testing/workbench.ts";
import { folderSpill } from "./folder-spill.ts";

test("frames beyond the memory's share are read back from disk, and their files go with them", async () => {
  const folder = await mkdtemp(join(tmpdir(), "spill-"));
  await using jobs = embeddedJobs({ spill: folderSpill({ folder, memoryBytes: 4000 }), retention: { bytes: 20_000 } });
  const { engine, log } = jobs;
  const { id } = await engine.submit(painting);
  const worker = await bench(engine);
  const { claim, done } = await worker.next();
  await log.start(id, claim.fence);
  const frame = (seq: number) => ({
    bytes: Uint8Array.from({ length: 500 }, (_, i) => (seq * 7 + i) % 256),
    mime: "image/jpeg",
    pts: 0,
    duration: 1,
    width: 1,
    height: 1,
  });
  for (let seq = 1; seq <= 100; seq++) {
    await log.append(id, claim.fence, seq, frame(seq));
    if (seq % 20 === 0) await wait(10);
  }
  await log.end(id, claim.fence, { reason: "completed" });
  done("ended");
  for (let i = 0; i < 500 && (await readdir(folder)).length < 3; i++) await wait(10);
  expect((await readdir(folder)).length).toBeGreaterThan(2);
  const seen: number[] = [];
  for await (const event of log.read(id)) {
    if (event.event !== "frame") continue;
    expect(event.bytes).toEqual(frame(event.cursor.seq).bytes);
    seen.push(event.cursor.seq);
  }
  expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => i + 61));
  await log.purge(id);
  for (let i = 0; i < 100 && (await readdir(folder)).length > 0; i++) await wait(10);
  expect(await readdir(folder)).toEqual([]);
  await worker.stop();
  await rm(folder, { recursive: true });
});
