import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { soundChunks } from "@prosopon/media/node";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "prosopon-test-"));
afterAll(() => rmSync(folder, { recursive: true }));
const absent = spawnSync("ffmpeg", ["-version"]).error !== undefined && process.env["CI"] !== "true";

// Skips where ffmpeg is not installed.
test.skipIf(absent).each(["long.mp3", "long.wav"])("three hours of %s flow through in flat memory", async (name) => {
  const file = join(folder, name);
  const made = ["-f", "lavfi", "-i", "sine=frequency=300:sample_rate=22050:duration=10800"];
  execFileSync("ffmpeg", ["-v", "error", ...made, file]);
  let samples = 0;
  let next = 0;
  const memory: number[] = [];
  for await (const piece of soundChunks(file)) {
    samples += piece.length;
    if (samples < next) continue;
    next += 16_000 * 600;
    memory.push(process.memoryUsage().rss / 2 ** 20);
  }
  console.log(`${name}: ${samples} samples, memory ${memory.map((value) => value.toFixed(0)).join(" ")} MiB`);
  expect(Math.abs(samples - 10_800 * 16_000)).toBeLessThan(2000);
  expect(Math.max(...memory.slice(3)) - memory[2]!).toBeLessThan(64);
});
