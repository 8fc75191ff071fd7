import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emotions, sample, split } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { portraitCache } from "./portrait-cache.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "prosopon-cache-"));
});
afterAll(() => rm(folder, { recursive: true }));

const options = () => ({ folder, seed: 9, split: "train", count: 10, size: 32 }) as const;

test("holds the renderer's pictures and labels, and is found again", async () => {
  const calls: number[] = [];
  await using cache = await portraitCache({ ...options(), onProgress: (done) => calls.push(done) });
  expect(calls.at(-1)).toBe(10);
  const planes = await cache.planes([7, 2]);
  const truth = render(sample({ seed: 9, index: 2, split: "train" }), { size: 32 });
  const green = planes.subarray(3 * 1024 + 1024, 3 * 1024 + 2048);
  expect(green[500]).toBeCloseTo(truth.image.data[3 * 500 + 1]! / 127.5 - 1, 6);
  expect(emotions[cache.labels[2]!.emotion]).toBe(truth.labels.emotion);
  expect(cache.labels.every((l) => split(l.identity) === "train")).toBe(true);

  const again: number[] = [];
  await using second = await portraitCache({ ...options(), onProgress: (done) => again.push(done) });
  expect(again).toEqual([]);
  expect(await second.planes([7, 2])).toEqual(planes);
});

test("a cancelled rendering leaves nothing behind", async () => {
  const stop = new AbortController();
  stop.abort();
  const before = await readdir(folder);
  await expect(portraitCache({ ...options(), seed: 10, signal: stop.signal })).rejects.toMatchObject({
    code: "cancelled",
  });
  expect(await readdir(folder)).toEqual(before);
});
