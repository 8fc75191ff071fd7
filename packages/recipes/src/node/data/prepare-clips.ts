import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type AudioFeatures, uprightCrop } from "@prosopon/conditioning";
import { isProsoponError } from "@prosopon/errors";
import { type Tensor, tensor } from "@prosopon/graph";
import {
  frameRate,
  type Image,
  keptCrop,
  type Point,
  referenceClipBox,
  referenceClipSize,
  resize,
  resizeGaussian,
  warp,
} from "@prosopon/media";
import { readSound, readVideo, type Video, writeImage } from "@prosopon/media/node";
import type { Alignment } from "@prosopon/models";
import type { FaceFinder } from "@prosopon/perception";
import { writeWeights } from "@prosopon/weights/node";
import { type ClipItem, leftOut } from "./data-item.ts";
import type { ItemJournal, ItemRecord } from "./item-journal.ts";
import { leftOutRecord, referenceCoding } from "./prepare-pictures.ts";
import { stopIfCancelled } from "./stop-if-cancelled.ts";

export type ClipAlignment = Extract<Alignment, "canonical" | "reference-clip">;

export interface PrepareClipsOptions {
  readonly folder: string;
  readonly items: readonly ClipItem[];
  readonly journal: ItemJournal;
  readonly alignment: ClipAlignment;
  /** Side at which frames are looked at. */
  readonly size: number;
  readonly framesPerSecond: number;
  readonly features: AudioFeatures;
  readonly finder: Pick<FaceFinder, "find">;
  readonly ffmpeg?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((label: string, done: number, total: number) => void) | undefined;
}

export const [framesFolder, clipsFolder] = ["frames", "clips"] as const;

/** Frames from which the place of a face is taken, spread over the clip. */
const looks = 8;
const fewest = 10;

export const frameFile = (index: number): string => `${String(index + 1).padStart(4, "0")}.jpg`;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

type Cut = (frame: Image) => Image;

/** Where the face stays for the whole clip. */
async function cutOf(video: Video, key: string, options: PrepareClipsOptions): Promise<Cut> {
  const { alignment, size, finder, signal } = options;
  const find = async (frame: Image) => (await finder.find(frame, signal ? { signal } : {}))[0]?.landmarks;
  if (alignment === "reference-clip") {
    const small = (frame: Image) => resizeGaussian(frame, referenceClipSize);
    // The first frame with a face decides.
    for await (const frame of video.frames()) {
      const landmarks = await find(small(frame));
      if (!landmarks) continue;
      const box = referenceClipBox(landmarks);
      if (box.width > 0 && box.height > 0) return (one) => keptCrop(small(one), box).crop;
    }
    throw leftOut("no face found", `No face was found in ${key}.`);
  }
  const seen: (readonly Point[])[] = [];
  const step = Math.max(1, Math.floor(((video.duration ?? 1) * options.framesPerSecond) / looks));
  for await (const frame of video.frames()) {
    if (frame.index % step !== 0) continue;
    const landmarks = await find(frame);
    if (landmarks && seen.push(landmarks) === looks) break;
  }
  if (seen.length === 0) throw leftOut("no face found", `No face was found in ${key}.`);
  const middle = Array.from(
    { length: 68 },
    (_, i): Point => [median(seen.map((face) => face[i]![0])), median(seen.map((face) => face[i]![1]))],
  );
  const transform = uprightCrop(middle, { side: size });
  return (frame) => warp(frame, transform, { width: size, height: size });
}

async function soundOf({ sound, video, key }: ClipItem, options: PrepareClipsOptions): Promise<Float32Array> {
  const { features, ffmpeg, signal } = options;
  try {
    const { channels } = await readSound(sound ?? video, {
      sampleRate: features.sampleRate,
      ...(ffmpeg === undefined ? {} : { ffmpeg }),
      ...(signal ? { signal } : {}),
    });
    return channels[0]!;
  } catch (error) {
    if (!isProsoponError(error) || (error.code !== "bad-file" && error.code !== "not-found")) throw error;
    throw leftOut("no sound", `${key}: ${error.message}`, error);
  }
}

async function openClip({ video, key }: ClipItem, options: PrepareClipsOptions): Promise<Video> {
  const { framesPerSecond, ffmpeg, signal } = options;
  try {
    return await readVideo(video, {
      frameRate: frameRate(Math.round(framesPerSecond * 1000), 1000),
      limitSeconds: 600,
      ...(ffmpeg === undefined ? {} : { ffmpeg }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (!isProsoponError(error) || (error.code !== "bad-file" && error.code !== "bad-input")) throw error;
    throw leftOut("unreadable", `${key}: ${error.message}`, error);
  }
}

/** Frames, landmarks and what is heard of one clip; its folder of frames appears whole. */
async function prepareClip(item: ClipItem, options: PrepareClipsOptions): Promise<ItemRecord> {
  const { folder, alignment, size, features, finder, framesPerSecond, signal } = options;
  const { key } = item;
  const waveform = await soundOf(item, options);
  const video = await openClip(item, options);
  const place = join(folder, framesFolder, key);
  const part = join(folder, framesFolder, `.${key}.part`);
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true });
  try {
    const landmarks: number[] = [];
    const coding = alignment === "canonical" ? { quality: 95 } : referenceCoding;
    let frames = 0;
    let found = 0;
    try {
      const cut = await cutOf(video, key, options);
      for await (const frame of video.frames()) {
        const image = cut(frame);
        await writeImage(join(part, frameFile(frames++)), image, coding);
        // As it is loaded for training.
        const seen = resize(image, { width: size, height: size, antialias: false });
        const face = (await finder.find(seen, signal ? { signal } : {}))[0];
        // Rows of NaN: the mask then begins in the middle, as in the reference.
        for (let i = 0; i < 68; i++)
          for (const axis of [0, 1] as const) landmarks.push(face ? face.landmarks[i]![axis] / size : Number.NaN);
        if (face) found++;
      }
    } catch (error) {
      if (!isProsoponError(error) || error.code !== "bad-file") throw error;
      throw leftOut("unreadable", `${key}: ${error.message}`, error);
    }
    if (frames < fewest) throw leftOut("too short", `${key} has only ${frames} frames.`);
    if (2 * found < frames) throw leftOut("no face found", `${key} shows a face in ${found} of ${frames} frames.`);
    const tensors = new Map<string, Tensor>([
      ["landmarks", tensor("float32", [frames, 68, 2], Float32Array.from(landmarks))],
      ["features", await features.extract(waveform, frames, framesPerSecond, signal ? { signal } : {})],
    ]);
    await mkdir(join(folder, clipsFolder), { recursive: true });
    await writeWeights(join(folder, clipsFolder, `${key}.safetensors`), tensors, {});
    await rm(place, { recursive: true, force: true });
    await rename(part, place);
    return {
      key,
      file: `${framesFolder}/${key}`,
      emotion: item.emotion,
      split: item.split,
      identity: item.subject,
      frames,
      ...(item.transcript === undefined ? {} : { transcript: item.transcript }),
    };
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

/** Prepares every clip that no earlier run did. @throws `cancelled`, after which the same call goes on; `output`; `unavailable` without ffmpeg. */
export async function prepareClips(options: PrepareClipsOptions): Promise<void> {
  const { items, journal, signal, onProgress } = options;
  for (const [index, item] of items.entries()) {
    stopIfCancelled(signal, "Cutting clips");
    if (journal.records.has(item.key)) continue;
    let record: ItemRecord;
    try {
      record = await prepareClip(item, options);
    } catch (error) {
      stopIfCancelled(signal, "Cutting clips");
      record = leftOutRecord(item.key, error);
    }
    await journal.append(record);
    onProgress?.("cutting clips", index + 1, items.length);
  }
}
