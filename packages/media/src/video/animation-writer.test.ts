import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, expect, test } from "vitest";
import { type Channels, image } from "../image.ts";
import { openAnimationWriter, writeAnimation } from "./animation-writer.ts";
import { frameRate } from "./frame-rate.ts";

const folder = mkdtempSync(join(tmpdir(), "prosopon-test-"));
const file = join(folder, "a.webp");
afterEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
});

const flat = (level: number, channels: Channels = 3) =>
  image(48, 32, channels, new Uint8Array(48 * 32 * channels).fill(level));

test("an outside reader sees every frame at its time", async () => {
  const levels = [10, 60, 110, 160, 210, 250, 30];
  const result = await writeAnimation(
    file,
    levels.map((level) => flat(level)),
    { width: 48, height: 32, frameRate: frameRate(30) },
  );
  expect(result).toEqual({ frames: 7, seconds: 7 / 30 });
  const bytes = readFileSync(file);
  const { width, pageHeight, pages, delay, loop } = await sharp(bytes, { animated: true }).metadata();
  expect([width, pageHeight, pages, loop]).toEqual([48, 32, 7, 0]);
  // Thirds of 100 ms, rounded without drift.
  expect(delay).toEqual([33, 34, 33, 33, 34, 33, 33]);
  const pixels = await sharp(bytes, { animated: true, failOn: "warning" }).removeAlpha().raw().toBuffer();
  levels.forEach((level, index) => {
    expect(Math.abs(pixels[index * 48 * 32 * 3 + 999]! - level)).toBeLessThan(4);
  });
  expect(readdirSync(folder)).toEqual(["a.webp"]);
});

test("alpha is kept", async () => {
  await writeAnimation(file, [flat(128, 4), flat(255, 4)], { width: 48, height: 32, frameRate: frameRate(25) });
  expect((await sharp(readFileSync(file), { animated: true }).metadata()).hasAlpha).toBe(true);
});

test("what fails or is given up leaves nothing behind", async () => {
  const options = { width: 48, height: 32, frameRate: frameRate(25) };
  await expect(writeAnimation(file, [], options)).rejects.toThrow(/at least one frame/);
  await expect(writeAnimation(file, [flat(1), image(8, 8, 3)], options)).rejects.toThrow(/Frame 1 is 8 x 8/);
  await expect(writeAnimation(join(folder, "no", "a.webp"), [], options)).rejects.toMatchObject({ code: "output" });
  await expect(writeAnimation(join(folder, "a.gif"), [], options)).rejects.toThrow(/does not end in .webp/);
  const cancel = new AbortController();
  const writer = await openAnimationWriter(file, { ...options, signal: cancel.signal });
  await writer.write(flat(1));
  cancel.abort();
  await expect(writer.write(flat(1))).rejects.toMatchObject({ code: "cancelled" });
  await (await openAnimationWriter(file, options)).abort();
  expect(readdirSync(folder)).toEqual([]);
});
