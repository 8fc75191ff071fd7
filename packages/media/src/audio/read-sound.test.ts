import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readSound } from "./read-sound.ts";
import { type Sound, sound } from "./sound.ts";
import { soundChunks } from "./sound-chunks.ts";
import { writeWav } from "./write-wav.ts";

const folder = mkdtempSync(join(tmpdir(), "prosopon-test-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);

const sine = (rate: number, seconds: number, channels = 1, frequency = 440): Sound =>
  sound(
    rate,
    Array.from({ length: channels }, () =>
      Float32Array.from({ length: rate * seconds }, (_, at) => 0.5 * Math.sin((2 * Math.PI * frequency * at) / rate)),
    ),
  );
const wav = path("tone.wav");
writeFileSync(wav, writeWav(sine(44_100, 2, 2)));

/** Largest distance to the sine of 440 Hz, away from the ends. */
function distance(samples: Float32Array, rate: number, shift = 0): number {
  let most = 0;
  for (let at = 2000; at < samples.length - 2000; at += 1) {
    most = Math.max(most, Math.abs(samples[at]! - 0.5 * Math.sin(2 * Math.PI * 440 * (at / rate + shift))));
  }
  return most;
}

/** The same, if it may be moved by as much as the container rounds its times (1 ms in Matroska). */
function nearest(samples: Float32Array, rate: number, slack: number): number {
  let least = distance(samples, rate);
  for (let shift = -slack; shift < slack; shift += 2e-5) least = Math.min(least, distance(samples, rate, shift));
  return least;
}

const none = { ffmpeg: "/nowhere/ffmpeg" };

describe("without ffmpeg", () => {
  test("WAV is read, mixed and resampled, from a path and from bytes", async () => {
    const result = await readSound(wav, { ...none, sampleRate: 16_000 });
    expect([result.sampleRate, result.channels.length, result.channels[0]!.length]).toEqual([16_000, 1, 32_000]);
    expect(distance(result.channels[0]!, 16_000)).toBeLessThan(0.001);
    expect(await readSound(readFileSync(wav), { ...none, sampleRate: 16_000 })).toEqual(result);
    const kept = await readSound(wav, { ...none, channels: "all" });
    expect([kept.sampleRate, kept.channels.length, kept.channels[0]!.length]).toEqual([44_100, 2, 88_200]);
    const pieces: number[] = [];
    for await (const piece of soundChunks(wav, none)) pieces.push(...piece);
    expect(pieces).toEqual(Array.from(result.channels[0]!));
  });

  test.each([8000, 192_000])("%i Hz and 8 channels become 16 kHz mono", async (rate) => {
    const result = await readSound(writeWav(sine(rate, 1, 8)), { ...none, sampleRate: 16_000 });
    expect(result.channels[0]!.length).toBe(16_000);
    expect(distance(result.channels[0]!, 16_000)).toBeLessThan(0.001);
  });

  test("what needs ffmpeg says how to install it", async () => {
    const flac = new Uint8Array(Buffer.from("fLaC and more of it"));
    await expect(readSound(flac, none)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/ffmpeg was not found.*apt-get install ffmpeg/),
    });
  });

  test("bad input: missing, folder, empty, no sound, cut off, NaN, no sample, too long, cancelled", async () => {
    const file = (name: string, bytes: Uint8Array | string): string => {
      writeFileSync(path(name), bytes);
      return path(name);
    };
    const whole = readFileSync(wav);
    const broken = new Float32Array(100);
    broken[7] = Number.NaN;
    const nan = writeWav(sound(16_000, [new Float32Array(100)]), { encoding: "f32" });
    new DataView(nan.buffer).setFloat32(44 + 28, Number.NaN, true);
    for (const [source, code, message] of [
      [path("absent.wav"), "not-found", /There is no file .*absent.wav/],
      [folder, "bad-input", /is a folder, not a file/],
      ["/dev/zero", "bad-input", /is a device or pipe/],
      [file("empty.wav", ""), "bad-file", /no bytes in .*empty.wav/],
      [file("text.wav", "hello hello hello"), "bad-file", /No known format of sound/],
      [file("cut.wav", whole.subarray(0, 50_000)), "bad-file", /cut off: its header names 352800 bytes/],
      [file("nan.wav", nan), "bad-file", /NaN as sample 7/],
      [file("none.wav", writeWav(sound(8000, [new Float32Array(0)]))), "bad-file", /holds no samples/],
      // A playlist that would make ffmpeg open another file.
      [file("list.wav", `#EXTM3U\n#EXTINF:1,\nfile://${wav}\n`), "bad-file", /No known format/],
    ] as [string, string, RegExp][]) {
      await expect(readSound(source)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    }
    await expect(readSound(wav, { limitSeconds: 1 })).rejects.toThrow(/lasts longer; at most 1 s/);
    await expect(readSound(wav, { limitSeconds: 0 })).rejects.toThrow(/limit of 0 s/);
    await expect(readSound(wav, { sampleRate: 7 })).rejects.toThrow(/7 Hz is not handled/);
    await expect(readSound(wav, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
    const one = await readSound(writeWav(sound(8000, [new Float32Array([0.5])])), { sampleRate: 16_000 });
    expect(one.channels[0]!.length).toBe(2);
  });
});

const absent = spawnSync("ffmpeg", ["-version"]).error !== undefined && process.env["CI"] !== "true";

// Skips where ffmpeg is not installed.
describe.skipIf(absent)("with ffmpeg", () => {
  const coded = (name: string, ...options: string[]): string => {
    execFileSync("ffmpeg", ["-v", "error", "-y", "-i", wav, ...options, path(name)]);
    return path(name);
  };

  test.each([
    ["a.flac", 0.001, 0],
    ["a.aiff", 0.001, 0],
    ["a.mp3", 0.04, 0],
    ["a.m4a", 0.02, 0],
    ["a.webm", 0.04, 5e-4],
    ["a.ogg", 0.04, 0],
  ])("%s has its sound in the same place, read as file and as bytes", async (name, tolerance, slack) => {
    const file = coded(name);
    const result = await readSound(file, { sampleRate: 16_000 });
    expect(Math.abs(result.channels[0]!.length - 32_000)).toBeLessThan(1000);
    expect(nearest(result.channels[0]!, 16_000, slack)).toBeLessThan(tolerance);
    const bytes = await readSound(readFileSync(file), { sampleRate: 16_000 });
    expect(nearest(bytes.channels[0]!, 16_000, slack)).toBeLessThan(tolerance);
    const pieces: Float32Array[] = [];
    for await (const piece of soundChunks(file)) pieces.push(piece);
    expect(pieces.reduce((sum, piece) => sum + piece.length, 0)).toBe(result.channels[0]!.length);
  });

  test("compressed WAV goes through ffmpeg", async () => {
    const result = await readSound(coded("law.wav", "-c:a", "pcm_mulaw"));
    expect(distance(result.channels[0]!, 44_100)).toBeLessThan(0.02);
  });

  test("silence precedes sound that begins after the picture", async () => {
    const file = path("late.mp4");
    const inputs = ["-f", "lavfi", "-i", "testsrc=s=32x32:d=3:r=25", "-itsoffset", "1", "-i", wav];
    execFileSync("ffmpeg", ["-v", "error", ...inputs, "-c:v", "libx264", "-c:a", "aac", file]);
    const [samples] = (await readSound(file, { sampleRate: 16_000 })).channels;
    expect(Math.abs(samples!.findIndex((value) => Math.abs(value) > 0.1) / 16_000 - 1)).toBeLessThan(0.03);
    expect(Math.abs(samples!.length / 16_000 - 3)).toBeLessThan(0.1);
  });

  test("no audio track, damage, length beyond the limit, and a stop from outside are told apart", async () => {
    const silent = path("silent.mp4");
    execFileSync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc=s=32x32:d=1", silent]);
    await expect(readSound(silent)).rejects.toMatchObject({
      code: "bad-file",
      message: expect.stringMatching(/no audio track in .*silent.mp4/),
    });
    const m4a = readFileSync(coded("b.m4a"));
    await expect(readSound(m4a.subarray(0, 5000))).rejects.toMatchObject({ code: "bad-file" });
    await expect(readSound(path("b.m4a"), { limitSeconds: 1 })).rejects.toThrow(/at most 1 s are read/);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("prosopon-media-"))).toEqual([]);
    const cancel = new AbortController();
    const stream = soundChunks(coded("c.flac"), { signal: cancel.signal });
    await stream.next();
    cancel.abort();
    await expect(
      (async () => {
        for await (const _ of stream);
      })(),
    ).rejects.toMatchObject({ code: "cancelled" });
  });

  test("a program that dies midway, or is not ffmpeg, is an error", async () => {
    const script = (name: string, body: string): string => {
      writeFileSync(path(name), `#!/bin/sh\nif [ "$1" = -version ]; then echo "ffmpeg version 0"; exit; fi\n${body}\n`);
      chmodSync(path(name), 0o755);
      return path(name);
    };
    const flac = coded("d.flac");
    const killed = script("killed", `head -c 3000 ${wav}\nkill -9 $$`);
    await expect(readSound(flac, { ffmpeg: killed })).rejects.toMatchObject({
      code: "crashed",
      message: expect.stringMatching(/ffmpeg was killed \(SIGKILL\)/),
    });
    const failing = script("failing", "echo It hurts >&2; exit 3");
    await expect(readSound(flac, { ffmpeg: failing })).rejects.toThrow(/cannot handle .*d.flac: It hurts/);
    await expect(readSound(flac, { ffmpeg: "/bin/echo" })).rejects.toMatchObject({ code: "unavailable" });
  });
});
