import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isProsoponError } from "@prosopon/errors";
import { soundSeconds } from "@prosopon/media";
import { readSound, readVideo } from "@prosopon/media/node";
import { afterAll, describe, expect, test } from "vitest";

const data = process.env["PROSOPON_DATA"] ?? "../shared/data";
const clips = join(data, "clips");
const files = existsSync(clips) ? readdirSync(clips).filter((name) => /\.(?:mp4|mpg)$/.test(name)) : [];
const folder = mkdtempSync(join(tmpdir(), "prosopon-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

// Skips where the clips are not there.
describe.skipIf(files.length === 0)("the recorded clips", () => {
  test.each(files)("%s: every frame is there, and the sound is as long as the picture", async (name) => {
    const file = join(clips, name);
    const video = await readVideo(file, { size: { width: 96, height: 96 } });
    let count = 0;
    for await (const { pts } of video.frames()) {
      expect(pts).toBe((count * video.frameRate.denominator) / video.frameRate.numerator);
      count += 1;
    }
    const { numerator, denominator } = video.frameRate;
    expect([25, 30]).toContain(numerator / denominator);
    const seconds = (count * denominator) / numerator;
    expect(Math.abs(seconds - video.duration!)).toBeLessThan(0.15);
    const sound = await readSound(file, { sampleRate: 16_000 });
    expect(Math.abs(soundSeconds(sound) - seconds)).toBeLessThan(0.25);
    // Two of them are silent (-91 dB by ffmpeg's own meter).
    const silent = /liveportrait_d1[89]/.test(name);
    expect(sound.channels[0]!.some((value) => Math.abs(value) > 0.02)).toBe(!silent);
  });

  test("damaged copies end in frames and sound, or in an error of ours", async () => {
    const names = files.filter((name) => name.startsWith("liveportrait_d18") || name.startsWith("grid_swwp2s"));
    let state = 7;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const ends = { read: 0, refused: 0 };
    for (let turn = 0; turn < 40; turn += 1) {
      const bytes = Uint8Array.from(readFileSync(join(clips, names[turn % names.length]!)));
      const limit = turn % 3 === 0 ? 4096 : bytes.length;
      for (let edit = 0; edit < 1 + random(40); edit += 1) bytes[random(limit)] = random(256);
      const length = turn % 5 === 0 ? random(bytes.length) : bytes.length;
      const file = join(folder, "damaged");
      writeFileSync(file, bytes.subarray(0, length));
      for (const attempt of [
        () => readSound(file, { sampleRate: 16_000 }),
        async () => {
          const video = await readVideo(file, { size: { width: 32, height: 32 } });
          for await (const _ of video.frames());
        },
      ]) {
        try {
          await attempt();
          ends.read += 1;
        } catch (error) {
          if (!isProsoponError(error)) throw error;
          expect(["bad-file", "bad-input"]).toContain(error.code);
          ends.refused += 1;
        }
      }
    }
    console.log("damaged copies:", ends);
    expect(Math.min(ends.read, ends.refused)).toBeGreaterThan(3);
  });
});
