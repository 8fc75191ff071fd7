import { ProsoponError } from "@prosopon/errors";
import { tooLong } from "../audio/read-wav.ts";
import { checkLimit } from "../audio/sound-chunks.ts";
import { type FfmpegOptions, ffmpegOutput, probe } from "../ffmpeg.ts";
import { type Image, image } from "../image.ts";
import { mediaSource } from "../media-source.ts";
import { type FrameRate, frameRate, frameTime } from "./frame-rate.ts";

export interface ReadVideoOptions extends FfmpegOptions {
  /** Pixels of the frames; the picture is stretched to it. Default: the size at which the video is shown. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Default: the rate of the video, or the nearest common one to its mean if it varies. */
  readonly frameRate?: FrameRate;
  /** Refuse a longer video. Default 14400 (four hours). */
  readonly limitSeconds?: number;
}

/** Three channels, and its place in time. */
export interface VideoFrame extends Image {
  readonly index: number;
  /** Seconds from the beginning of the file: index / rate. */
  readonly pts: number;
}

export interface Video {
  readonly width: number;
  readonly height: number;
  readonly frameRate: FrameRate;
  /** Seconds, or undefined where the file does not say. */
  readonly duration: number | undefined;
  /** Whether the times of its frames are uneven, so that some are repeated or left out. */
  readonly variableRate: boolean;
  readonly hasAudio: boolean;
  /** All frames from the first on; each call decodes anew, as fast as the caller takes them. Each frame has its own memory. */
  frames(): AsyncGenerator<VideoFrame, void>;
}

const MOST_PIXELS = 2 ** 24;
const COMMON = [
  [24_000, 1001],
  [24, 1],
  [25, 1],
  [30_000, 1001],
  [30, 1],
  [48, 1],
  [50, 1],
  [60_000, 1001],
  [60, 1],
] as const;

/**
 * Opens a video file (MP4, MOV, WebM, MKV, AVI, MPEG). Frames come at a constant rate: those of an uneven video are repeated or left
 * out so that each is at most half a frame off its time. They are upright, with square pixels, in RGB.
 *
 * Throws `not-found`, `bad-input` (a folder, beyond the limit), `bad-file` (no video, damaged), `unavailable` (no ffmpeg). While
 * reading also `bad-file` if the size of the picture changes, `crashed`, `cancelled`.
 */
export async function readVideo(file: string, options: ReadVideoOptions = {}): Promise<Video> {
  const { limitSeconds = 14_400, size } = options;
  checkLimit(limitSeconds);
  const media = await mediaSource(file);
  const { streams = [], format = {} } = await probe({ ...options, file, demuxers: media.format.demuxers });
  // A cover picture is no video.
  const stream = streams.find((one) => one.codec_type === "video" && one.disposition?.attached_pic !== 1);
  if (stream === undefined) {
    throw new ProsoponError("bad-file", `There is no video track in ${file}.`, { values: { file } });
  }
  const coded = { width: stream.width ?? 0, height: stream.height ?? 0 };
  const turned = Math.abs(stream.side_data_list?.find((one) => one.rotation !== undefined)?.rotation ?? 0) % 180 === 90;
  const upright = turned ? { width: coded.height, height: coded.width } : coded;
  const [across, down] = (stream.sample_aspect_ratio ?? "1:1").split(":").map(Number) as [number, number];
  const ratio = across > 0 && down > 0 ? across / down : 1;
  const width = size?.width ?? Math.max(1, Math.round(upright.width * (turned ? 1 / ratio : ratio)));
  const height = size?.height ?? upright.height;
  for (const one of [coded, { width, height }]) checkSize(one, file);

  const { rate, variable } = rateOf(stream.avg_frame_rate, stream.r_frame_rate);
  const chosen =
    options.frameRate === undefined ? rate : frameRate(options.frameRate.numerator, options.frameRate.denominator);
  const seconds = Number(stream.duration ?? format.duration);
  const duration = Number.isFinite(seconds) ? seconds : undefined;
  if (duration !== undefined && duration > limitSeconds) throw tooLong(file, duration, limitSeconds);

  // Untagged high definition is BT.709 by custom, and the scaler would take it for BT.601.
  const untagged = stream.color_space === undefined || stream.color_space === "unknown";
  const matrix = untagged && coded.height >= 720 && stream.pix_fmt?.startsWith("yuv") ? ":in_color_matrix=bt709" : "";
  const filters = [
    // Does nothing while the size stays, and fails when it changes: no picture is -1 pixels wide.
    `crop=w='if(eq(iw,${upright.width})*eq(ih,${upright.height}),iw,-1)':h=ih:x=0:y=0:exact=1`,
    `fps=fps=${chosen.numerator}/${chosen.denominator}:start_time=0`,
    `scale=${width}:${height}:flags=bicubic+accurate_rnd+full_chroma_int${matrix}`,
    "format=rgb24",
  ];
  async function* frames(): AsyncGenerator<VideoFrame, void> {
    const length = width * height * 3;
    let data = new Uint8Array(length);
    let filled = 0;
    let index = 0;
    const output = ffmpegOutput({
      ...options,
      name: file,
      cpuSeconds: 36_000,
      inputs: [{ source: file, demuxers: media.format.demuxers }],
      options: ["-map", `0:${stream!.index}`, "-an", "-sn", "-dn", "-vf", filters.join(","), "-f", "rawvideo"],
    });
    try {
      for await (const piece of output) {
        for (let at = 0; at < piece.length; ) {
          const part = piece.subarray(at, at + length - filled);
          data.set(part, filled);
          filled += part.length;
          at += part.length;
          if (filled < length) break;
          const pts = frameTime(chosen, index);
          if (pts > limitSeconds) throw tooLong(file, pts, limitSeconds);
          yield { ...image(width, height, 3, data), index, pts };
          index += 1;
          filled = 0;
          data = new Uint8Array(length);
        }
      }
    } catch (error) {
      throw sizeChanged(error) ? changing(file, error) : error;
    }
    if (index === 0) throw new ProsoponError("bad-file", `No frame could be read from ${file}.`, { values: { file } });
  }
  const hasAudio = streams.some((one) => one.codec_type === "audio");
  return { width, height, frameRate: chosen, duration, variableRate: variable, hasAudio, frames };
}

function checkSize({ width, height }: { width: number; height: number }, file: string): void {
  if (Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0 && width * height <= MOST_PIXELS) {
    return;
  }
  throw new ProsoponError("bad-input", `Frames of ${width} x ${height} pixels are not read from ${file}.`, {
    values: { file, width, height },
    mend: `At most ${MOST_PIXELS} pixels are.`,
  });
}

function rateOf(mean = "0/0", base = "0/0"): { rate: FrameRate; variable: boolean } {
  const value = (text: string): number => {
    const [above, below] = text.split("/").map(Number) as [number, number];
    return below > 0 ? above / below : Number.NaN;
  };
  const fraction = (text: string): FrameRate => {
    const [above, below] = text.split("/").map(Number) as [number, number];
    return frameRate(above, below);
  };
  const close = (a: number, b: number): boolean => Math.abs(a / b - 1) < 0.002;
  const average = value(mean);
  const usable = average >= 1 && average <= 240;
  if (!usable) {
    const fallback = value(base);
    return { rate: fallback >= 1 && fallback <= 240 ? fraction(base) : frameRate(25), variable: true };
  }
  if (close(value(base), average)) return { rate: fraction(base), variable: false };
  const common = COMMON.find(([above, below]) => Math.abs(above / below / average - 1) < 0.01);
  return {
    rate: common ? frameRate(common[0], common[1]) : frameRate(Math.round(average * 1000), 1000),
    variable: true,
  };
}

function sizeChanged(error: unknown): boolean {
  const messages = error instanceof ProsoponError ? String(error.values["messages"] ?? "") : "";
  return /Parsed_crop_\d/.test(messages);
}

function changing(file: string, cause: unknown): ProsoponError {
  return new ProsoponError("bad-file", `The picture of ${file} changes its size midway.`, {
    values: { file },
    mend: "Convert it to one size first, for instance: ffmpeg -i IN -vf scale=W:H OUT.",
    cause,
  });
}
