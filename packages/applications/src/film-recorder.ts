import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import type { Artifact } from "@prosopon/jobs";
import { image, writeWav } from "@prosopon/media";
import { soundChunks } from "@prosopon/media/node";
import type { DigitalSource } from "@prosopon/provenance";
import type { SigningIdentity } from "@prosopon/provenance/c2pa";
import type { TalkFrame } from "@prosopon/talking-face";
import { openFilm } from "./film.ts";
import { filmEnding } from "./film-ending.ts";

export interface FilmRecorderOptions {
  /** The first frame that will be written; those before it are made anew at the end. */
  readonly first: number;
  /** A folder that nobody else uses. */
  readonly folder: string;
  readonly side: number;
  readonly rate: number;
  /** A file with the sound, unless it is listened to. */
  readonly sound: string | undefined;
  readonly version: string;
  readonly model: string;
  readonly kind: DigitalSource;
  readonly identity?: SigningIdentity | undefined;
  readonly ffmpeg?: string;
  readonly signal: AbortSignal;
}

/** Collects the frames of a run and makes a film of them at its end. */
export interface FilmRecorder extends AsyncDisposable {
  write(frame: TalkFrame): Promise<void>;
  /** Passes live speech on, and keeps it for the film. */
  listening(chunks: AsyncIterable<Float32Array>): AsyncIterable<Float32Array>;
  /** `beginning` gives the frames of the speech from its start, where those before the first that was written are missing. */
  close(beginning: (speech: AsyncIterable<Float32Array>) => AsyncIterable<TalkFrame>): Promise<Artifact>;
}

const types = { ".mp4": "video/mp4", ".webp": "image/webp" } as const;

/** A film of a run that starts at some frame. Frames wait on the disk, so that memory does not grow with the length. */
export async function openFilmRecorder(options: FilmRecorderOptions): Promise<FilmRecorder> {
  const { first, folder, side, rate, sound, version, model, kind, identity, ffmpeg, signal } = options;
  const spool = await open(join(folder, "frames.rgb"), "w+");
  const size = 3 * side * side;
  const heard: Float32Array[] = [];
  const program = ffmpeg === undefined ? {} : { ffmpeg };
  let count = 0;
  return {
    async write({ pixels }) {
      await spool.write(pixels, 0, size, count * size);
      count++;
    },
    async *listening(chunks) {
      for await (const chunk of chunks) {
        heard.push(chunk);
        yield chunk;
      }
    },
    async close(beginning) {
      if (first + count === 0)
        throw new ProsoponError("bad-input", "The speech is too short for a single frame.", {
          mend: `Give at least ${(1 / rate).toFixed(2)} seconds.`,
        });
      const ending = await filmEnding(ffmpeg);
      const file = join(folder, `talk${ending}`);
      const audio = sound ?? (await recorded(heard, join(folder, "live.wav")));
      await using film = await openFilm(file, {
        width: side,
        height: side,
        framesPerSecond: rate,
        kind,
        details: { software: "Prosopon", version, model },
        audio,
        identity,
        ...program,
        signal,
      });
      if (first > 0) {
        const speech = sound === undefined ? each(heard) : soundChunks(sound, { ...program, signal });
        for await (const { index, pixels } of beginning(speech)) {
          await film.write(image(side, side, 3, pixels));
          if (index === first - 1) break;
        }
      }
      const pixels = new Uint8Array(size);
      for (let k = 0; k < count; k++) {
        await spool.read(pixels, 0, size, k * size);
        await film.write(image(side, side, 3, pixels));
      }
      await film.close();
      const bytes = await readFile(file);
      return {
        bytes,
        mime: types[ending],
        name: `talk${ending}`,
        table: { frames: first + count, videoFrameRate: rate },
      };
    },
    [Symbol.asyncDispose]: () => spool.close(),
  };
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T, void, undefined> {
  yield* items;
}

async function recorded(chunks: readonly Float32Array[], file: string): Promise<string> {
  const samples = new Float32Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    samples.set(chunk, at);
    at += chunk.length;
  }
  await writeFile(file, writeWav({ sampleRate: 16_000, channels: [samples] }));
  return file;
}
