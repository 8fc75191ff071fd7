import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeWave } from "./pcm-wave.ts";
import { portrait } from "./portrait.ts";
import { speakingClip } from "./speaking-clip.ts";
import { type WriteSpeakingClipsOptions, type WrittenClip, writeSpeakingClips } from "./write-speaking-clips.ts";

const absent = spawnSync("flite", ["--version"]).error !== undefined && process.env["CI"] !== "true";
const why = absent ? " (skipped: flite is not installed)" : "";

describe.skipIf(absent)(`writeSpeakingClips${why}`, () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "prosopon-clips-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const options = (more: Partial<WriteSpeakingClipsOptions> = {}): WriteSpeakingClipsOptions => ({
    folder,
    split: "train",
    count: 2,
    seconds: 0.4,
    size: 16,
    ...more,
  });
  const write = async (more?: Partial<WriteSpeakingClipsOptions>): Promise<WrittenClip[]> => {
    const written: WrittenClip[] = [];
    for await (const clip of writeSpeakingClips(options(more))) written.push(clip);
    return written;
  };
  const files = (): string[] =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => statSync(join(folder, name)).isFile())
      .sort();

  it("writes sound, frames and labels of each clip, and the transcripts", async () => {
    const [first] = await write();
    expect(first!.folder).toMatch(/P\d{5}\/[a-z]+\/level_[123]\/000000$/);
    expect(readdirSync(join(first!.folder, "frames"))).toHaveLength(10);
    const clip = await speakingClip({ seed: 0, split: "train", seconds: 0.4 });
    const { samples } = decodeWave(readFileSync(join(first!.folder, "audio.wav")));
    expect(Math.max(...samples.map((value, n) => Math.abs(value - clip.audio[n]!)))).toBeLessThan(1e-4);
    const labels = JSON.parse(readFileSync(join(first!.folder, "labels.json"), "utf8"));
    expect(labels.phones).toEqual(clip.phones);
    expect(labels.transcript).toBe(clip.transcript);
    expect(labels.landmarks).toHaveLength(10);
    expect(labels.landmarks[4][30][1]).toBeCloseTo(portrait(clip.scenes[4]!).landmarks[30]![1], 4);
    const lines = readFileSync(join(folder, "transcripts.txt"), "utf8").trim().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^P\d{5}_level_[123]_[a-z]+_000000 [A-Z' ]+$/);
  });

  it("goes on where it was stopped, and ends with the same files", async () => {
    await write();
    const whole = files().map((name) => [name, readFileSync(join(folder, name), "base64")]);
    rmSync(folder, { recursive: true });
    const run = writeSpeakingClips(options());
    const { value } = await run.next();
    await run.return();
    // As a killed process would leave it: a clip begun, no transcripts.
    const parent = join((value as WrittenClip).folder, "..");
    mkdirSync(join(parent, ".000000.left.partial"));
    rmSync(join(parent, "000000", "labels.json"));
    rmSync(join(parent, "000000"), { recursive: true });
    expect((await write()).map(({ fresh }) => fresh)).toEqual([true, true]);
    expect(files().map((name) => [name, readFileSync(join(folder, name), "base64")])).toEqual(whole);
    expect((await write({ count: 3 })).map(({ fresh }) => fresh)).toEqual([false, false, true]);
  });

  it("leaves nothing of a clip that is cancelled", async () => {
    const stop = new AbortController();
    const run = writeSpeakingClips(options({ signal: stop.signal }));
    await run.next();
    stop.abort();
    await expect(run.next()).rejects.toMatchObject({ code: "cancelled" });
    expect(files().filter((name) => name.includes("000001") || name.includes("partial"))).toEqual([]);
  });

  it("refuses a folder of other settings, one that cannot be, and sizes that make no picture", async () => {
    await write({ count: 1 });
    await expect(write({ size: 32 })).rejects.toThrow(/holds clips of other settings/);
    writeFileSync(join(folder, "file"), "");
    await expect(write({ folder: join(folder, "file", "below") })).rejects.toMatchObject({ code: "output" });
    await expect(write({ size: 0 })).rejects.toThrow(/0 x 0 pixels/);
    await expect(write({ count: 0 })).rejects.toThrow(/0 clips/);
  });
});
