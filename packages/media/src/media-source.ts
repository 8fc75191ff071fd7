import { createReadStream } from "node:fs";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { ProsoponError } from "@prosopon/errors";
import { type MediaFormat, mediaFormat } from "./audio/media-format.ts";
import type { FfmpegInput } from "./ffmpeg.ts";
import { firstLine } from "./first-line.ts";
import { regularFile, unreadableFile } from "./regular-file.ts";

/** A recording to be read: where its bytes come from and what they begin as. */
export interface MediaSource {
  readonly name: string;
  readonly format: MediaFormat;
  /** Its bytes from the first on. */
  bytes(): AsyncIterable<Uint8Array>;
  /** How ffmpeg reads it. Must be followed by `close`. */
  input(): Promise<FfmpegInput & { close(): Promise<void> }>;
}

/**
 * Looks at a path or at the bytes of a file. Throws `not-found` for a missing file, `bad-input` for a folder or device,
 * `bad-file` for one that is empty or no known recording.
 */
export async function mediaSource(source: string | Uint8Array): Promise<MediaSource> {
  const local = typeof source === "string";
  const name = local ? source : "the given bytes";
  const head = local ? await beginning(source) : source.subarray(0, 1024);
  if (head.length === 0) throw new ProsoponError("bad-file", `There are no bytes in ${name}.`, { values: { name } });
  const format = mediaFormat(head);
  if (format === undefined) {
    throw new ProsoponError("bad-file", `No known format of sound or video in ${name}.`, {
      values: { name },
      mend: "Use WAV, MP3, M4A, AAC, FLAC, Ogg, AIFF, MP4, WebM, MKV, AVI or MPEG.",
    });
  }
  return {
    name,
    format,
    bytes: () => (local ? createReadStream(source, { highWaterMark: 2 ** 18 }) : slices(source)),
    input: async () => {
      const { demuxers } = format;
      if (local) return { source, demuxers, close: async () => {} };
      if (!format.seeks) return { source: Readable.from(slices(source)), demuxers, close: async () => {} };
      // An index at the end cannot be reached through a pipe.
      const folder = await mkdtemp(join(tmpdir(), "prosopon-media-"));
      const file = join(folder, "media");
      const close = () => rm(folder, { recursive: true, force: true });
      try {
        await writeFile(file, source, { mode: 0o600 });
      } catch (error) {
        await close();
        throw new ProsoponError("output", `A temporary copy could not be written: ${firstLine(error)}.`, {
          cause: error,
        });
      }
      return { source: file, demuxers, close };
    },
  };
}

async function beginning(file: string): Promise<Uint8Array> {
  await regularFile(file);
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(new Uint8Array(1024), 0, 1024, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw unreadableFile(file, error);
  }
}

async function* slices(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 2 ** 18) yield bytes.subarray(at, at + 2 ** 18);
}
