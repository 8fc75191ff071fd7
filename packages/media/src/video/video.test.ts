import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readSound } from "../audio/read-sound.ts";
import { sound } from "../audio/sound.ts";
import { writeWav } from "../audio/write-wav.ts";
import { type Image, image } from "../image.ts";
import { type FrameRate, frameRate, frameTime } from "./frame-rate.ts";
import { readVideo } from "./read-video.ts";
import { openVideoWriter } from "./video-writer.ts";

const folder = mkdtempSync(join(tmpdir(), "prosopon-test-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);
const hidden = (): string[] => readdirSync(folder).filter((name) => name.startsWith("."));

const none = { ffmpeg: "/nowhere/ffmpeg" };
const rate25 = frameRate(25);

/** A colour that tells the index, smooth so that compression does it no harm. */
const numbered = (index: number, width = 64, height = 48): Image => {
  const data = new Uint8Array(width * height * 3);
  for (let at = 0; at < width * height; at += 1) {
    data.set([40 + ((index * 37) % 180), 60 + ((index * 53) % 150), 200 - ((index * 71) % 140)], at * 3);
  }
  return image(width, height, 3, data);
};

test("refuses bad options and bad places before anything runs", async () => {
  const options = { width: 64, height: 48, frameRate: rate25, ...none };
  for (const [file, extra, message] of [
    ["a.avi", {}, /names no video format/],
    ["a.mp4", { width: 63 }, /63 x 48 pixels is not written/],
    ["a.mp4", { width: Number.NaN }, /NaN x 48/],
    ["a.mp4", { frameRate: { numerator: 25, denominator: 0 } }, /25\/0 frames per second/],
    ["a.mp4", { quality: 99 }, /Quality 99/],
    ["a.mp4", { metadata: { "a=b": "c" } }, /tag "a=b"/],
    ["no/a.mp4", {}, /folder does not exist/],
    ["a.mp4", { audio: path("absent.wav") }, /There is no file .*absent.wav/],
    ["a.mp4", {}, /apt-get install ffmpeg/],
  ] as const) {
    await expect(openVideoWriter(path(file), { ...options, ...extra })).rejects.toThrow(message);
  }
  writeFileSync(path("text.mp4"), "hello hello hello hello");
  await expect(readVideo(path("text.mp4"))).rejects.toThrow(/No known format/);
  await expect(readVideo(path("absent.mp4"))).rejects.toMatchObject({ code: "not-found" });
  expect(hidden()).toEqual([]);
});

const absent = spawnSync("ffmpeg", ["-version"]).error !== undefined && process.env["CI"] !== "true";

// Skips where ffmpeg is not installed.
describe.skipIf(absent)("with ffmpeg", () => {
  const tone = sound(16_000, [Float32Array.from({ length: 16_000 }, (_, at) => 0.3 * Math.sin(at * 0.2))]);
  const make = (name: string, ...options: string[]): string => {
    execFileSync("ffmpeg", ["-v", "error", "-y", ...options, path(name)]);
    return path(name);
  };

  test.each([
    ["a.mp4", 25, 1],
    ["b.mp4", 30_000, 1001],
    ["c.webm", 30, 1],
    ["d.mp4", 25, 2],
  ] as const)("%s at %i/%i brings back every frame and the sound", async (name, numerator, denominator) => {
    const rate: FrameRate = frameRate(numerator, denominator);
    const writer = await openVideoWriter(path(name), {
      width: 64,
      height: 48,
      frameRate: rate,
      audio: tone,
      metadata: { comment: "made -y", title: "a b c=d" },
    });
    for (let index = 0; index < 20; index += 1) {
      const frame = numbered(index);
      await writer.write(frame);
      frame.data.fill(0);
    }
    expect(readdirSync(folder)).not.toContain(name);
    expect(await writer.close()).toEqual({ frames: 20, seconds: frameTime(rate, 20) });
    expect(hidden()).toEqual([]);

    const video = await readVideo(path(name));
    expect([video.width, video.height, video.variableRate, video.hasAudio]).toEqual([64, 48, false, true]);
    expect(video.frameRate).toEqual(rate);
    let index = 0;
    for await (const frame of video.frames()) {
      expect(frame.index).toBe(index);
      expect(frame.pts).toBeCloseTo(frameTime(rate, index), 12);
      const expected = numbered(index).data;
      for (let channel = 0; channel < 3; channel += 1) {
        expect(Math.abs(frame.data[1500 + channel]! - expected[1500 + channel]!)).toBeLessThan(7);
      }
      index += 1;
    }
    expect(index).toBe(20);
    const heard = await readSound(path(name), { sampleRate: 16_000 });
    // Cut or continued to the length of the picture.
    expect(Math.abs(heard.channels[0]!.length / 16_000 - frameTime(rate, 20))).toBeLessThan(0.15);
    const probed = execFileSync("ffprobe", ["-v", "error", "-show_format", path(name)], { encoding: "utf8" });
    expect(probed).toMatch(/TAG:title=a b c=d$/im);
    expect(probed).toMatch(/TAG:comment=made -y$/im);
  });

  test("the same frames give the same bytes, and the index of MP4 comes first", async () => {
    const files: Buffer[] = [];
    for (const name of ["x.mp4", "y.mp4"]) {
      const writer = await openVideoWriter(path(name), { width: 64, height: 48, frameRate: rate25, audio: tone });
      for (let index = 0; index < 10; index += 1) await writer.write(numbered(index));
      await writer.close();
      files.push(readFileSync(path(name)));
    }
    expect(files[0]!.equals(files[1]!)).toBe(true);
    expect(files[0]!.indexOf("moov")).toBeLessThan(files[0]!.indexOf("mdat"));
  });

  test("other rates, sizes, rotation and pixels that are not square", async () => {
    const source = make("src.mp4", "-f", "lavfi", "-i", "testsrc=s=64x48:d=2:r=50", "-c:v", "libx264");
    const halved = await readVideo(source, { frameRate: rate25, size: { width: 20, height: 10 } });
    let count = 0;
    for await (const { width, height, data } of halved.frames()) {
      expect([width, height, data.length]).toEqual([20, 10, 600]);
      count += 1;
    }
    expect(count).toBe(50);
    expect(halved.duration).toBeCloseTo(2, 1);
    const turned = await readVideo(make("turned.mp4", "-i", source, "-c", "copy", "-metadata:s:v", "rotate=90"));
    expect([turned.width, turned.height]).toEqual([48, 64]);
    expect((await turned.frames().next()).value).toMatchObject({ width: 48, height: 64 });
    const wide = await readVideo(make("wide.mp4", "-i", source, "-vf", "setsar=2/1", "-c:v", "libx264"));
    expect([wide.width, wide.height]).toEqual([128, 48]);
  });

  test("uneven times become even ones", async () => {
    // Of 50 frames a second every seventh is missing.
    const file = make(
      ...(["vfr.mkv", "-f", "lavfi", "-i", "testsrc=s=32x32:d=4:r=50"] as const),
      ...["-vf", "select='mod(n,7)'", "-vsync", "vfr", "-c:v", "libx264"],
    );
    const video = await readVideo(file, { frameRate: rate25 });
    let count = 0;
    for await (const { pts } of video.frames()) {
      expect(pts).toBe(count / 25);
      count += 1;
    }
    expect(Math.abs(count - 100)).toBeLessThan(2);
  });

  test("a size that changes midway is refused with the reason", async () => {
    make("one.ts", "-f", "lavfi", "-i", "testsrc=s=64x48:d=1:r=25", "-c:v", "libx264");
    for (const size of ["96x64", "32x32"]) {
      make("two.ts", "-f", "lavfi", "-i", `testsrc=s=${size}:d=1:r=25`, "-c:v", "libx264");
      writeFileSync(path("both.ts"), Buffer.concat([readFileSync(path("one.ts")), readFileSync(path("two.ts"))]));
      const video = await readVideo(path("both.ts"));
      await expect(
        (async () => {
          for await (const _ of video.frames());
        })(),
      ).rejects.toMatchObject({ code: "bad-file", message: expect.stringMatching(/changes its size midway/) });
    }
  });

  test("no picture, damage and a limit are told apart; a reader may stop early", async () => {
    writeFileSync(path("tone.wav"), writeWav(tone));
    await expect(readVideo(path("tone.wav"))).rejects.toThrow(/no video track in/);
    const whole = readFileSync(make("w.mp4", "-f", "lavfi", "-i", "testsrc=s=64x48:d=9:r=25", "-c:v", "libx264"));
    writeFileSync(path("cut.mp4"), whole.subarray(0, 3000));
    const options = { width: 64, height: 48, frameRate: rate25 };
    await expect(openVideoWriter(path("z.mp4"), { ...options, audio: path("w.mp4") })).rejects.toThrow(
      /no audio track in .*w.mp4/,
    );
    const silent = sound(16_000, [new Float32Array(0)]);
    await expect(openVideoWriter(path("z.mp4"), { ...options, audio: silent })).rejects.toThrow(/has no samples/);
    expect(hidden()).toEqual([]);
    await expect(readVideo(path("cut.mp4"))).rejects.toMatchObject({ code: "bad-file" });
    await expect(readVideo(path("w.mp4"), { limitSeconds: 5 })).rejects.toThrow(/lasts 9 s; at most 5 s/);
    // With its index in front, a cut film has a beginning that can be shown.
    const front = readFileSync(make("f.mp4", "-i", path("w.mp4"), "-c", "copy", "-movflags", "+faststart"));
    writeFileSync(path("cut.mp4"), front.subarray(0, front.length * 0.7));
    const half = await readVideo(path("cut.mp4"));
    await expect(
      (async () => {
        for await (const _ of half.frames());
      })(),
    ).rejects.toThrow(/cut.mp4 is cut off: its end is missing/);
    const cancel = new AbortController();
    const video = await readVideo(path("w.mp4"), { signal: cancel.signal });
    for await (const { index } of video.frames()) if (index === 3) break;
    const frames = video.frames();
    await frames.next();
    cancel.abort();
    await expect(
      (async () => {
        for await (const _ of frames);
      })(),
    ).rejects.toMatchObject({ code: "cancelled" });
  });

  test("whatever stops the writing, nothing is left and an older file stays", async () => {
    const options = { width: 64, height: 48, frameRate: rate25, audio: tone };
    const file = path("old.mp4");
    writeFileSync(file, "old");
    const before = readdirSync(folder).length;

    const cancel = new AbortController();
    const first = await openVideoWriter(file, { ...options, signal: cancel.signal });
    await first.write(numbered(0));
    cancel.abort();
    await expect(
      (async () => {
        for (let index = 0; index < 1000; index += 1) await first.write(numbered(index));
      })(),
    ).rejects.toMatchObject({ code: "cancelled" });

    const second = await openVideoWriter(file, options);
    await second.write(numbered(0));
    await expect(second.write(numbered(0, 32, 32))).rejects.toThrow(/Frame 1 is 32 x 32, the video 64 x 48/);
    await second.abort();
    await second.abort();

    await expect((await openVideoWriter(file, options)).close()).rejects.toThrow(/at least one frame/);

    // Killed from outside while it waits for frames.
    writeFileSync(
      path("mortal"),
      `#!/bin/sh\nif [ "$1" = -version ]; then exec ffmpeg -version; fi\nhead -c 30000 >/dev/null\nkill -9 $$\n`,
    );
    chmodSync(path("mortal"), 0o755);
    const third = await openVideoWriter(file, { ...options, ffmpeg: path("mortal") });
    await expect(
      (async () => {
        for (let index = 0; index < 1000; index += 1) await third.write(numbered(index));
      })(),
    ).rejects.toMatchObject({ code: "crashed", message: expect.stringMatching(/killed \(SIGKILL\)/) });

    // ffmpeg 5 is content when the disk is full at the very end.
    writeFileSync(
      path("content"),
      `#!/bin/sh\nif [ "$1" = -version ]; then exec ffmpeg -version; fi\nffmpeg "$@"\necho "Error writing trailer of x: No space left on device" >&2\n`,
    );
    chmodSync(path("content"), 0o755);
    const fourth = await openVideoWriter(file, { ...options, ffmpeg: path("content") });
    await fourth.write(numbered(0));
    await expect(fourth.close()).rejects.toMatchObject({
      code: "output",
      message: expect.stringMatching(/old.mp4 could not be written: the disk is full/),
    });

    expect(readFileSync(file, "utf8")).toBe("old");
    expect(hidden()).toEqual([]);
    expect(readdirSync(folder).length).toBe(before + 2);
  });
});
