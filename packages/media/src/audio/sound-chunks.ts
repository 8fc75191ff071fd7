import { ProsoponError } from "@prosopon/errors";
import type { FfmpegOptions } from "../ffmpeg.ts";
import { meanOf } from "./mono.ts";
import { createResampler, type Resampler } from "./resample.ts";
import { soundBlocks } from "./sound-blocks.ts";

export interface SoundChunksOptions extends FfmpegOptions {
  /** Samples a second of what comes out. Default 16000. */
  readonly sampleRate?: number;
  /** Refuse a longer recording. Default 14400 (four hours). */
  readonly limitSeconds?: number;
}

/**
 * The sound of a file (or its bytes) as pieces of one channel at `sampleRate`, the mean of its channels, in flat memory whatever its length.
 * Throws what `readSound` throws; a recording without a length in its header is refused only when the limit is reached.
 */
export async function* soundChunks(
  source: string | Uint8Array,
  options: SoundChunksOptions = {},
): AsyncGenerator<Float32Array, void> {
  const { sampleRate = 16_000, limitSeconds = 14_400 } = options;
  checkLimit(limitSeconds);
  let resampler: Resampler | undefined;
  for await (const block of soundBlocks(source, limitSeconds, options)) {
    resampler ??= createResampler(block.sampleRate, sampleRate);
    const samples = resampler.push(meanOf(block.channels));
    if (samples.length > 0) yield samples;
  }
  const last = resampler?.end();
  if (last !== undefined && last.length > 0) yield last;
}

export function checkLimit(limitSeconds: number): void {
  if (!(limitSeconds > 0 && limitSeconds < 1e6)) {
    throw new ProsoponError("bad-input", `A limit of ${limitSeconds} s is none.`, {
      values: { limitSeconds },
      mend: "Use seconds above 0.",
    });
  }
}
