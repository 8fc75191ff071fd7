import { isProsoponError, ProsoponError } from "@prosopon/errors";
import { type FfmpegOptions, ffmpegOutput } from "../ffmpeg.ts";
import { type MediaSource, mediaSource } from "../media-source.ts";
import { tooLong } from "./read-wav.ts";
import { createWavReader } from "./wav-reader.ts";

export interface SoundBlock {
  readonly sampleRate: number;
  /** One array a channel, all of one length above 0. */
  readonly channels: Float32Array[];
}

/**
 * The sound of a file or of a file's bytes as it is stored, block by block: WAV by our own reader, all else through ffmpeg, which
 * also fills the gap if the sound begins later than the picture. Throws what `readSound` throws.
 */
export async function* soundBlocks(
  source: string | Uint8Array,
  limitSeconds: number,
  options: FfmpegOptions,
): AsyncGenerator<SoundBlock, void> {
  const media = await mediaSource(source);
  const { signal } = options;
  if (media.format.name === "WAV") {
    try {
      yield* wavBlocks(media, media.bytes(), limitSeconds, signal);
      return;
    } catch (error) {
      // Compressed WAV is for ffmpeg; its header is refused before any block was given.
      if (!(isProsoponError(error) && error.values["unsupported"] === true)) throw error;
    }
  }
  const input = await media.input();
  try {
    const output = ffmpegOutput({
      ...options,
      name: media.name,
      // One second more shows that there is more.
      inputs: [{ ...input, options: ["-t", String(limitSeconds + 1)] }],
      options: [
        ...["-map", "0:a:0", "-vn", "-sn", "-dn", "-af", "aresample=async=1:first_pts=0"],
        ...["-c:a", "pcm_f32le", "-bitexact", "-f", "wav"],
      ],
    });
    yield* wavBlocks(media, output, limitSeconds, signal);
  } finally {
    await input.close();
  }
}

async function* wavBlocks(
  media: MediaSource,
  pieces: AsyncIterable<Uint8Array>,
  limitSeconds: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<SoundBlock, void> {
  const reader = createWavReader(media.name);
  let frames = 0;
  for await (const piece of pieces) {
    if (signal?.aborted) throw new ProsoponError("cancelled", `Reading ${media.name} was cancelled.`);
    const channels = reader.push(piece);
    const { format } = reader;
    if (format === undefined) continue;
    const { sampleRate } = format;
    frames += channels[0]?.length ?? 0;
    const known = Math.max(frames, format.length ?? 0);
    if (known > limitSeconds * sampleRate) throw tooLong(media.name, known / sampleRate, limitSeconds);
    if (channels[0] !== undefined && channels[0].length > 0) yield { sampleRate, channels };
  }
  reader.end();
}
