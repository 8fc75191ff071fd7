import { execFileSync, spawnSync } from "node:child_process";
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
test.skipIf(absent)(
  "60 seconds at 30000/1001: flash and beep stay together",
  async () => {
    const file = join(folder, "a.mp4");
    const rate = frameRate(30_000, 1001);
    await writeFlashAndBeep(file, rate, 60);
    const offsets = await measureOffsets(file, rate, 60);
    expect(offsets.length).toBeGreaterThan(12);
    for (const { offset } of offsets) expect(Math.abs(offset)).toBeLessThan(0.005);
    // Sound that is two frames late is noticed.
    const short = join(folder, "short.mp4");
    const late = join(folder, "late.mp4");
    await writeFlashAndBeep(short, rate, 20);
    const inputs = ["-i", short, "-itsoffset", "0.066", "-i", short];
    execFileSync("ffmpeg", ["-v", "error", ...inputs, "-map", "0:v", "-map", "1:a", "-c", "copy", late]);
    for (const { offset } of await measureOffsets(late, rate, 20)) expect(offset).toBeGreaterThan(0.05);
  },
  240_000,
);
