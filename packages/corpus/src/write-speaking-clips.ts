import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isProsoponError, ProsoponError } from "@prosopon/errors";
import { clipScene } from "./clip-scene.ts";
import { encodeWave } from "./pcm-wave.ts";
import { png } from "./png.ts";
import { portrait } from "./portrait.ts";
import type { Scene } from "./scene.ts";
import { type SpeakingClip, type SpeakingClipOptions, speakingClip } from "./speaking-clip.ts";
import type { Split } from "./split.ts";

export interface WriteSpeakingClipsOptions
  extends Pick<SpeakingClipOptions, "framesPerSecond" | "seconds" | "recording" | "signal"> {
  /** Made if it is not there. */
  readonly folder: string;
  readonly split: Split;
  /** Number of clips in the finished data set; 24 hold each emotion at each intensity once. */
  readonly count: number;
  /** Width and height of the frames in pixels; 128 if not given. */
  readonly size?: number;
}

/** A clip that is on the disk. */
export interface WrittenClip {
  readonly index: number;
  /** Its folder, with `audio.wav`, `still.png`, `frames/00000.png` and on, `labels.json`. */
  readonly folder: string;
  readonly transcript: string;
  /** False if an earlier run had written it. */
  readonly fresh: boolean;
}

/**
 * Writes a data set in the manner of MEAD: `SUBJECT/EMOTION/level_N/CLIP/` in `folder` (neutral has level 1 only), with
 * `transcripts.txt`, one line `SUBJECT_level_N_EMOTION_CLIP WORDS` for each clip, when all are there. A clip appears whole or not
 * at all; a run that was stopped goes on where it was, a larger `count` adds clips. Yields every clip once it is on the disk.
 * @throws ProsoponError `bad-input` if `folder` holds a data set with other options, `output` if it cannot be written, and what
 * `speakingClip` throws.
 */
export async function* writeSpeakingClips(
  options: WriteSpeakingClipsOptions,
): AsyncGenerator<WrittenClip, void, undefined> {
  const { folder, split, count, size = 128, framesPerSecond = 25, seconds, recording, signal } = options;
  if (!Number.isSafeInteger(count) || count < 1 || !Number.isInteger(size) || size < 8 || size > 2048) {
    throw new ProsoponError("bad-input", `Cannot write ${count} clips of ${size} x ${size} pixels.`, {
      values: { count, size },
      mend: "Give a whole number of clips from 1 and a size from 8 to 2048.",
    });
  }
  const settings = { version: 1, split, size, framesPerSecond, seconds: seconds ?? null, recording: recording ?? null };
  await claim(folder, `${JSON.stringify(settings)}\n`);
  const lines: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const { subject, emotion, level, number } = placeOf(index, split);
    const target = join(folder, subject, emotion, level, number);
    const known = await transcriptOf(target);
    let transcript = known;
    if (transcript === undefined) {
      const clip = await speakingClip({
        seed: index,
        split,
        framesPerSecond,
        ...(seconds === undefined ? {} : { seconds }),
        ...(recording === undefined ? {} : { recording }),
        ...(signal ? { signal } : {}),
      });
      await writing(target, () => writeClip(target, clip, index, size, signal));
      transcript = clip.transcript;
    }
    lines.push(`${subject}_${level}_${emotion}_${number} ${transcript.toUpperCase().replace(/[^A-Z' ]/g, "")}\n`);
    yield { index, folder: target, transcript, fresh: known === undefined };
  }
  await writing(folder, () => writeWhole(join(folder, "transcripts.txt"), lines.join("")));
}

function placeOf(index: number, split: Split): { subject: string; emotion: string; level: string; number: string } {
  const { identity, emotion, intensity } = clipScene(index, split);
  return {
    subject: `P${String(identity).padStart(5, "0")}`,
    emotion,
    level: `level_${emotion === "neutral" ? 1 : intensity}`,
    number: String(index).padStart(6, "0"),
  };
}

async function writeClip(
  target: string,
  clip: SpeakingClip,
  index: number,
  size: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { scenes, still, audio, sampleRate, person: _, mouthOpening, ...labels } = clip;
  const parent = dirname(target);
  const started = `.${basename(target)}.`;
  await mkdir(parent, { recursive: true });
  // What a killed run left of this clip.
  for (const name of await readdir(parent)) {
    if (name.startsWith(started)) await rm(join(parent, name), { recursive: true, force: true });
  }
  const partial = join(parent, `${started}${randomUUID()}.partial`);
  try {
    await mkdir(join(partial, "frames"), { recursive: true });
    const draw = async (scene: Scene, name: string): Promise<number[][]> => {
      const { svg, landmarks } = portrait(scene);
      await writeFile(join(partial, name), png(svg, { width: size }));
      return landmarks.map(([x, y]) => [rounded(x), rounded(y)]);
    };
    const stillLandmarks = await draw(still, "still.png");
    const landmarks: number[][][] = [];
    for (const [frame, scene] of scenes.entries()) {
      if (signal?.aborted) throw new ProsoponError("cancelled", "Writing the clips was cancelled.");
      landmarks.push(await draw(scene, join("frames", `${String(frame).padStart(5, "0")}.png`)));
    }
    await writeFile(join(partial, "audio.wav"), encodeWave({ samples: audio, sampleRate }));
    const all = {
      index,
      ...labels,
      sampleRate,
      mouthOpening: Array.from(mouthOpening, rounded),
      still: { emotion: still.emotion, pose: still.pose, landmarks: stillLandmarks },
      landmarks,
    };
    await writeFile(join(partial, "labels.json"), `${JSON.stringify(all)}\n`);
    await rename(partial, target);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

const rounded = (value: number): number => Math.round(value * 1e5) / 1e5;

async function transcriptOf(target: string): Promise<string | undefined> {
  const text = await readIfThere(join(target, "labels.json"));
  if (text === undefined) return undefined;
  const { transcript } = JSON.parse(text) as { readonly transcript?: unknown };
  if (typeof transcript === "string") return transcript;
  throw new ProsoponError("bad-file", `${join(target, "labels.json")} holds no transcript.`, {
    values: { target },
    mend: "Delete the clip's folder; the next run writes it anew.",
  });
}

/** Marks the folder with the settings, or checks that it has the same ones. */
async function claim(folder: string, settings: string): Promise<void> {
  const file = join(folder, "corpus.json");
  const known = await writing(folder, async () => {
    await mkdir(folder, { recursive: true });
    return readIfThere(file);
  });
  if (known === undefined) return writing(file, () => writeWhole(file, settings));
  if (known !== settings) {
    throw new ProsoponError("bad-input", `${folder} holds clips of other settings: ${known.trim()}.`, {
      values: { folder, known, settings },
      mend: "Give the same settings, or another folder.",
    });
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw cause;
  }
}

async function writeWhole(file: string, content: string): Promise<void> {
  const partial = `${file}.${randomUUID()}.partial`;
  try {
    await writeFile(partial, content);
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}

async function writing<Result>(place: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (isProsoponError(cause)) throw cause;
    throw new ProsoponError("output", `Cannot write ${place}: ${(cause as Error).message}.`, {
      values: { place },
      mend: "Give a folder that can be written to and has room.",
      cause,
    });
  }
}
