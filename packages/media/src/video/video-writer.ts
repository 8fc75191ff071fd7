import { writeFile } from "node:fs/promises";
import { extname } from "node:path";
import { PassThrough } from "node:stream";
import { ProsoponError } from "@prosopon/errors";
import { type Sound, soundSeconds } from "../audio/sound.ts";
import { writeWav } from "../audio/write-wav.ts";
import { type FfmpegInput, type FfmpegOptions, probe, runFfmpeg } from "../ffmpeg.ts";
import { firstLine } from "../first-line.ts";
import { type Image, image } from "../image.ts";
import { mediaSource } from "../media-source.ts";
import { toRgb } from "../to-rgb.ts";
import { type FrameRate, frameRate, frameTime } from "./frame-rate.ts";
import type { FrameWriter } from "./frame-writer.ts";
import { partialFile } from "./partial-file.ts";

export interface VideoWriterOptions extends FfmpegOptions {
  /** Even numbers of pixels. */
  readonly width: number;
  readonly height: number;
  readonly frameRate: FrameRate;
  /** What is heard from the first frame on: a sound, or a file with one. It is cut, or followed by silence, as the picture ends. */
  readonly audio?: Sound | string;
  /** 0 (lossless in MP4) to 51, less is better. Default 18 for MP4, 24 for WebM. */
  readonly quality?: number;
  /** Puts the whole file, which lies beside, in its place: for a last change before it is seen. Default: it is renamed. */
  readonly place?: (whole: string) => Promise<void>;
  /** Tags such as `title` and `comment`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const MP4 = [
  ...["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k"],
  // The index goes to the front, so that a player can begin before it has the whole file.
  ...["-movflags", "+faststart", "-f", "mp4"],
];
const WEBM = [
  ...["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "0", "-pix_fmt", "yuv420p"],
  ...["-c:a", "libopus", "-b:a", "64k", "-f", "webm"],
];

/**
 * Begins an `.mp4` (H.264 and AAC) or `.webm` (VP9 and Opus) file. Frame n is shown at n / rate seconds. ffmpeg encodes on one
 * thread beside this process; the file is written beside its place and renamed when it is whole.
 *
 * Throws `bad-input` for another ending, odd or impossible sizes and what `readSound` calls bad; `unavailable` without ffmpeg;
 * `output` for a missing folder. `write` and `close` throw `crashed` if ffmpeg dies, `output` if the disk is full, `cancelled`;
 * nothing is left behind then.
 */
export async function openVideoWriter(file: string, options: VideoWriterOptions): Promise<FrameWriter> {
  const { width, height, audio, signal, metadata = {} } = options;
  const rate = frameRate(options.frameRate.numerator, options.frameRate.denominator);
  const ending = extname(file).toLowerCase();
  if (ending !== ".mp4" && ending !== ".webm") {
    throw new ProsoponError("bad-input", `The ending of ${file} names no video format that is written.`, {
      values: { file },
      mend: "Use .mp4 or .webm.",
    });
  }
  if (![width, height].every((side) => Number.isInteger(side) && side >= 16 && side <= 8192 && side % 2 === 0)) {
    throw new ProsoponError("bad-input", `Video of ${width} x ${height} pixels is not written.`, {
      values: { width, height },
      mend: "Use even numbers from 16 to 8192.",
    });
  }
  const { quality = ending === ".mp4" ? 18 : 24 } = options;
  if (!(Number.isInteger(quality) && quality >= 0 && quality <= 51)) {
    throw new ProsoponError("bad-input", `Quality ${quality} is not a whole number from 0 to 51.`);
  }
  const tags = Object.entries(metadata).flatMap(([key, value]) => {
    if (!/^[A-Za-z_]{1,40}$/.test(key) || value.includes("\0")) {
      throw new ProsoponError("bad-input", `The tag ${JSON.stringify(key)} cannot be written.`, { values: { key } });
    }
    return ["-metadata", `${key}=${value}`];
  });

  const partial = await partialFile(file, options.place);
  const closers: (() => Promise<void>)[] = [];
  const clear = async (): Promise<void> => {
    for (const close of closers.splice(0)) await close().catch(() => {});
  };
  const frames = new PassThrough({ highWaterMark: 2 * width * height * 3 });
  const picture: FfmpegInput = {
    source: frames,
    demuxers: ["rawvideo"],
    options: [
      ...["-f", "rawvideo", "-pixel_format", "rgb24", "-video_size", `${width}x${height}`],
      ...["-framerate", `${rate.numerator}/${rate.denominator}`, "-probesize", "32", "-thread_queue_size", "2"],
    ],
  };
  const inputs = [picture];
  try {
    if (typeof audio === "string") {
      const media = await mediaSource(audio);
      const { streams = [] } = await probe({ ...options, file: audio, demuxers: media.format.demuxers });
      if (!streams.some((one) => one.codec_type === "audio")) {
        throw new ProsoponError("bad-file", `There is no audio track in ${audio}.`, { values: { file: audio } });
      }
      const input = await media.input();
      closers.push(input.close);
      inputs.push(input);
    } else if (audio !== undefined) {
      if (soundSeconds(audio) === 0) throw new ProsoponError("bad-input", "The sound of the video has no samples.");
      const sound = await partialFile(`${file}.wav`);
      closers.push(sound.remove);
      await writeFile(sound.path, writeWav(audio, { encoding: "f32" })).catch((error) => {
        throw new ProsoponError("output", `${file} could not be written: ${firstLine(error)}.`, { cause: error });
      });
      inputs.push({ source: sound.path, demuxers: ["wav"] });
    }
    const run = await runFfmpeg({
      ...options,
      name: file,
      inputs,
      // Days: a live caller may take its time, and what is encoded are our own pictures.
      cpuSeconds: 10 ** 6,
      output: partial.path,
      options: [
        ...["-map", "0:v:0", ...(audio === undefined ? [] : ["-map", "1:a:0"])],
        ...["-vf", "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int"],
        ...["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"],
        // The sound begins with the first frame whatever its own times say, and ends with the last.
        ...(audio === undefined ? [] : ["-af", "aresample=48000:async=1:first_pts=0,apad", "-shortest"]),
        ...["-threads", "1", "-g", String(Math.ceil((2 * rate.numerator) / rate.denominator))],
        ...(ending === ".mp4" ? MP4 : WEBM),
        ...["-crf", String(quality), "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"],
        ...tags,
      ],
    });
    // Whatever stops ffmpeg, nothing half written stays.
    const failed = run.done.then(
      () => {},
      async (error: unknown) => {
        await partial.remove().catch(() => {});
        await clear();
        throw noSpace(error, file);
      },
    );
    failed.catch(() => {});
    return frameWriter({
      width,
      height,
      rate,
      frames,
      finished: failed,
      finish: partial.finish,
      kill: run.kill,
      clear,
    });
  } catch (error) {
    await partial.remove().catch(() => {});
    await clear();
    if (signal?.aborted) throw new ProsoponError("cancelled", `Writing ${file} was cancelled.`, { cause: error });
    throw error;
  }
}

interface Machine {
  readonly width: number;
  readonly height: number;
  readonly rate: FrameRate;
  readonly frames: PassThrough;
  readonly finished: Promise<void>;
  finish(): Promise<void>;
  kill(): void;
  clear(): Promise<void>;
}

function frameWriter({ width, height, rate, frames, finished, finish, kill, clear }: Machine): FrameWriter {
  let count = 0;
  let closed = false;
  let early: unknown;
  finished.then(
    () => {
      early = new ProsoponError("crashed", "ffmpeg ended before the video did.");
    },
    (error: unknown) => {
      early = error;
    },
  );
  const checkOpen = (): void => {
    if (closed) throw new ProsoponError("bad-input", "The video is closed already.");
    if (early !== undefined) throw early;
  };
  const abort = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    kill();
    await finished.catch(() => {});
    frames.destroy();
  };
  return {
    write: async (frame: Image) => {
      checkOpen();
      if (frame.width !== width || frame.height !== height) {
        throw new ProsoponError(
          "bad-input",
          `Frame ${count} is ${frame.width} x ${frame.height}, the video ${width} x ${height} pixels.`,
          { values: { index: count, width: frame.width, height: frame.height } },
        );
      }
      const { data } = toRgb(image(frame.width, frame.height, frame.channels, frame.data));
      // A copy: the bytes wait in the stream while the caller goes on.
      if (!frames.write(Uint8Array.from(data))) {
        // A dead ffmpeg takes nothing more; its failure ends the waiting.
        await Promise.race([new Promise<void>((resolve) => frames.once("drain", () => resolve())), finished]);
      }
      if (early !== undefined) throw early;
      count += 1;
    },
    close: async () => {
      checkOpen();
      if (count === 0) {
        await abort();
        throw new ProsoponError("bad-input", "A video needs at least one frame.");
      }
      closed = true;
      frames.end();
      await finished;
      await clear();
      await finish();
      return { frames: count, seconds: frameTime(rate, count) };
    },
    abort,
    [Symbol.asyncDispose]: abort,
  };
}

function noSpace(error: unknown, file: string): unknown {
  const messages = error instanceof ProsoponError ? String(error.values["messages"] ?? "") : "";
  if (!/No space left on device|Permission denied|Disk quota/.test(messages)) return error;
  const reason = /No space/.test(messages) ? "the disk is full" : "it is not permitted";
  return new ProsoponError("output", `${file} could not be written: ${reason}.`, { values: { file }, cause: error });
}
