import { frameRate, type Image, type Sound } from "@prosopon/media";
import { type FrameWriter, openAnimationWriter, openVideoWriter } from "@prosopon/media/node";
import type { DigitalSource, MarkDetails } from "@prosopon/provenance";
import type { SigningIdentity } from "@prosopon/provenance/c2pa";
import { markFile } from "@prosopon/provenance/node";

export interface FilmOptions {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  /** What is heard: a sound or a file with one. Animated WebP has none. */
  readonly audio?: Sound | string;
  readonly kind: DigitalSource;
  readonly details: MarkDetails;
  /** Signs the film too (C2PA); not .webm. */
  readonly identity?: SigningIdentity | undefined;
  /** The ffmpeg program; not needed for .webp. */
  readonly ffmpeg?: string;
  readonly signal: AbortSignal;
}

/** A film in the making: whole and marked after `close`, or not there at all. */
export interface Film extends AsyncDisposable {
  write(frame: Image): Promise<void>;
  close(): Promise<void>;
}

/** Begins an .mp4 (marked), .webm (WebM has no place for the mark; a comment tells it) or animated .webp file (marked, silent). */
export async function openFilm(file: string, options: FilmOptions): Promise<Film> {
  const { width, height, framesPerSecond, audio, kind, details, identity, ffmpeg, signal } = options;
  const rate = frameRate(Math.round(framesPerSecond * 1000), 1000);
  const ending = file.slice(file.lastIndexOf(".")).toLowerCase();
  const marked = (whole: string) =>
    markFile(whole, { ...details, kind, output: file, ...(identity ? { identity } : {}) });
  const size = { width, height, frameRate: rate, signal, ...(ending === ".webm" ? {} : { place: marked }) };
  const writer: FrameWriter =
    ending === ".webp"
      ? await openAnimationWriter(file, size)
      : await openVideoWriter(file, {
          ...size,
          ...(audio === undefined ? {} : { audio }),
          ...(ffmpeg === undefined ? {} : { ffmpeg }),
          metadata: { comment: `${details.software ?? "Prosopon"}: ${kind}` },
        });
  return {
    write: (frame) => writer.write(frame),
    async close() {
      await writer.close();
    },
    [Symbol.asyncDispose]: () => writer[Symbol.asyncDispose](),
  };
}
