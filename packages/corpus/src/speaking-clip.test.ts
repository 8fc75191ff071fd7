import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { clipScene } from "./clip-scene.ts";
import { sceneLandmarks } from "./scene-face.ts";
import { speaker } from "./speaker.ts";
import { type SpeakingClip, speakingClip } from "./speaking-clip.ts";
import { speakingClips } from "./speaking-clips.ts";
import { type Split, split as splitOf, splits } from "./split.ts";

const absent = spawnSync("flite", ["--version"]).error !== undefined && process.env["CI"] !== "true";
const why = absent ? " (skipped: flite is not installed)" : "";
/** Of all that a clip holds, the sound bit for bit. */
const digest = ({ audio, ...rest }: SpeakingClip): string =>
  createHash("sha256").update(new Uint8Array(audio.buffer)).update(JSON.stringify(rest)).digest("hex");
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.skipIf(absent)(`speakingClip${why}`, () => {
  const clips: Partial<Record<Split, SpeakingClip[]>> = {};
  beforeAll(async () => {
    for (const split of splits) {
      clips[split] = [];
      for await (const clip of speakingClips({ split, count: split === "train" ? 12 : 6 })) clips[split].push(clip);
    }
  });
  const all = (): SpeakingClip[] => splits.flatMap((split) => clips[split]!);

  /** Openings of the frames whose time lies in one of `phones`, moved by `shift` seconds. */
  const openings = (phones: string, shift = 0): number[] =>
    all().flatMap((clip) =>
      Array.from(clip.mouthOpening).filter((_, frame) => {
        const time = (frame + 0.5) / clip.framesPerSecond + shift;
        return phones
          .split(" ")
          .includes(clip.phones.find(({ start, end }) => time >= start && time < end)?.phone ?? "");
      }),
    );

  it("shuts the lips in p, b and m and in silence, opens them wide in a, hardly in s and t", () => {
    const shut = openings("P B M");
    expect(shut.length).toBeGreaterThan(50);
    expect(Math.max(...shut)).toBeLessThan(0.01);
    const silent = openings("SIL");
    expect(silent.filter((value) => value < 0.03).length / silent.length).toBeGreaterThan(0.97);
    expect(mean(openings("AA AE"))).toBeGreaterThan(3 * mean(openings("S T")));
    // Control: read 120 ms late, none of this holds.
    expect(mean(openings("P B M", 0.12))).toBeGreaterThan(0.05);
    expect(mean(openings("AA AE", 0.12))).toBeLessThan(2.5 * mean(openings("S T", 0.12)));
  });

  it("is as long in pictures as in sound, with one of everything for each frame", () => {
    for (const clip of all()) {
      const frames = clip.scenes.length;
      expect([clip.visemes.length, clip.controls.length, clip.mouthOpening.length]).toEqual([frames, frames, frames]);
      expect(clip.audio.length).toBe((frames * clip.sampleRate) / clip.framesPerSecond);
      expect(clip.phones.at(-1)!.end).toBeCloseTo(clip.audio.length / clip.sampleRate, 6);
    }
  });

  it("keeps person, light, background and framing; the still is at rest and neutral", () => {
    for (const { scenes, still, controls, emotion } of all()) {
      expect([still.emotion, still.viseme, still.blink, still.mouth]).toEqual(["neutral", "silence", 0, undefined]);
      for (const [frame, moved] of scenes.entries()) {
        for (const key of ["identity", "light", "background", "framing", "gaze"] as const) {
          expect(moved[key]).toEqual(still[key]);
        }
        expect(moved.emotion).toBe(emotion);
        expect(moved.pose.yaw).toBeCloseTo(still.pose.yaw + controls[frame]!.yaw, 12);
        expect(moved.blink).toBe(controls[frame]!.blink);
      }
    }
  });

  it("has each emotion at each intensity once in 24 clips, and the emotion shows while speaking", () => {
    const drawn = Array.from({ length: 24 }, (_, seed) => clipScene(seed, "train"));
    expect(new Set(drawn.map(({ emotion, intensity }) => `${emotion} ${intensity}`)).size).toBe(24);
    const [first] = clips.train!;
    expect([first!.emotion, first!.intensity]).toEqual([drawn[0]!.emotion, drawn[0]!.intensity]);
    const lift = (mood: "happy" | "neutral"): number =>
      mean(
        first!.scenes.map((item) => {
          const landmarks = sceneLandmarks({ ...item, emotion: mood, intensity: 3 });
          return landmarks[66]![1] - (landmarks[48]![1] + landmarks[54]![1]) / 2;
        }),
      );
    expect(lift("happy") - lift("neutral")).toBeGreaterThan(0.01);
  });

  it("is the same for the same options, and keeps to what is asked", async () => {
    const options = {
      seed: 5,
      split: "test",
      framesPerSecond: 30,
      emotion: "angry",
      intensity: 3,
      seconds: 2,
    } as const;
    const clip = await speakingClip(options);
    expect(digest(await speakingClip(options))).toBe(digest(clip));
    expect(digest(await speakingClip({ ...options, seed: 6 }))).not.toBe(digest(clip));
    expect([clip.scenes.length, clip.audio.length, clip.emotion, clip.intensity]).toEqual([60, 32_000, "angry", 3]);
    const { transcript, still } = await speakingClip({ ...options, text: "A voice.", stillEmotion: "angry" });
    expect([transcript, still.emotion]).toEqual(["A voice.", "angry"]);
    expect(digest(clips.train![3]!)).toBe(digest(await speakingClip({ seed: 3, split: "train" })));
  });

  it("shares neither people nor voices nor sentences between training and the rest", () => {
    for (const split of splits) {
      for (const { identity } of clips[split]!) expect(splitOf(identity)).toBe(split);
    }
    const said = (split: Split): Set<string> => new Set(clips[split]!.map(({ transcript }) => transcript));
    expect([...said("train")].filter((text) => said("test").has(text))).toEqual([]);
    for (let seed = 0; seed < 200; seed += 1) {
      expect(["kal16", "awb", "rms"]).toContain(speaker({ seed }).voice);
      expect([speaker({ seed, split: "validation" }).voice, speaker({ seed, split: "test" }).voice]).toEqual([
        "slt",
        "slt",
      ]);
    }
  });

  it("refuses a bad rate and a bad seed", async () => {
    await expect(speakingClip({ seed: 1, split: "train", framesPerSecond: 0 })).rejects.toThrow(/0 frames per second/);
    await expect(speakingClip({ seed: -1, split: "train" })).rejects.toMatchObject({ code: "bad-input" });
    await expect(speakingClips({ split: "train", count: Number.NaN }).next()).rejects.toThrow(/NaN is no number/);
  });
});
