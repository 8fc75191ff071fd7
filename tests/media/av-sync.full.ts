import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { frameRate } from "@prosopon/media";
import { afterAll, expect, test } from "vitest";
import { measureOffsets, writeFlashAndBeep } from "./flash-and-beep.ts";

const folder = mkdtempSync(join(tmpdir(), "prosopon-test-"));
afterAll(() => rmSync(folder, { recursive: true }));
const absent = spawnSync("ffmpeg", ["-version"]).error !== undefined && process.env["CI"] !== "true";

// Skips where ffmpeg is not installed.
test.skipIf(absent).each([
  ["a.mp4", 25, 1, 5],
  ["b.mp4", 30_000, 1001, 5],
  ["c.mp4", 30, 1, 5],
  // Opus begins 6.5 ms (312 samples) before its sound.
  ["d.webm", 25, 1, 10],
] as const)(
  "ten minutes of %s at %i/%i: the offset is below %i ms and does not grow",
  async (name, above, below, limit) => {
    const rate = frameRate(above, below);
    const file = join(folder, name);
    const memory: number[] = [];
    await writeFlashAndBeep(file, rate, 600, (index) => {
      if (index % 1000 === 999) memory.push(process.memoryUsage().rss / 2 ** 20);
    });
    const offsets = await measureOffsets(file, rate, 600);
    const milliseconds = offsets.map(({ offset }) => 1000 * offset);
    const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
    const drift = mean(milliseconds.slice(-10)) - mean(milliseconds.slice(0, 10));
    console.log(
      `${name}: ${offsets.length} events, ${Math.min(...milliseconds).toFixed(2)} to ${Math.max(...milliseconds).toFixed(2)} ms,`,
      `drift ${drift.toFixed(2)} ms, memory while writing ${memory.map((value) => value.toFixed(0)).join(" ")} MiB`,
    );
    for (const value of milliseconds) expect(Math.abs(value)).toBeLessThan(limit);
    expect(Math.abs(drift)).toBeLessThan(1);
    // The memory does not grow with the length (the first values are those of starting).
    expect(Math.max(...memory.slice(5)) - memory[4]!).toBeLessThan(64);
  },
);
