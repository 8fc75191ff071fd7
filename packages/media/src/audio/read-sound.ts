import type { FfmpegOptions } from "../ffmpeg.ts";
import { meanOf } from "./mono.ts";
import { joinedSamples } from "./read-wav.ts";
import { createResampler } from "./resample.ts";
import { type Sound, sound } from "./sound.ts";
import { soundBlocks } from "./sound-blocks.ts";
import { checkLimit } from "./sound-chunks.ts";

export interface ReadSoundOptions extends FfmpegOptions {
  /** Samples a second of the result. Default: those of the file. */
  readonly sampleRate?: number;
  /** `mono` (the default) takes the mean of all channels, `all` keeps them. */
  readonly channels?: "mono" | "all";
  /** Refuse a longer recording. Default 3600; `soundChunks` reads longer ones in flat memory. */
  readonly limitSeconds?: number;
}

/**
 * Reads the sound of a file, or of the bytes of one: WAV without any program, and MP3, M4A, AAC, FLAC, Ogg, AIFF and the first audio
 * track of MP4, WebM, MKV, AVI and MPEG through ffmpeg. Sound that begins after the picture is preceded by silence.
 *
 * Throws `not-found` for a missing file; `bad-input` for a folder or a recording beyond the limit; `bad-file` for what is no
 * recording, is damaged, has no audio track, no samples, or NaN among them; `unavailable` if ffmpeg is needed and missing;
 * `crashed` if it dies; `cancelled`.
 */
export async function readSound(source: string | Uint8Array, options: ReadSoundOptions = {}): Promise<Sound> {
  const { channels: wanted = "mono", limitSeconds = 3600 } = options;
  checkLimit(limitSeconds);
  const tracks: { parts: Float32Array[]; resampler: ReturnType<typeof createResampler> }[] = [];
  let sampleRate = options.sampleRate ?? 0;
  for await (const block of soundBlocks(source, limitSeconds, options)) {
    if (sampleRate === 0) sampleRate = block.sampleRate;
    const channels = wanted === "mono" ? [meanOf(block.channels)] : block.channels;
    for (const [at, samples] of channels.entries()) {
      tracks[at] ??= { parts: [], resampler: createResampler(block.sampleRate, sampleRate) };
      tracks[at].parts.push(tracks[at].resampler.push(samples));
    }
  }
  return sound(
    sampleRate,
    tracks.map(({ parts, resampler }) => joinedSamples([...parts, resampler.end()])),
  );
}
