import { ProsoponError } from "@prosopon/errors";
import type { Tensor } from "@prosopon/graph";

export interface ExtractOptions {
  readonly signal?: AbortSignal;
}

/** What a talking face hears: sound as one vector of numbers for each video frame. A plugin: a plain value made by a factory. */
export interface AudioFeatures {
  readonly specification: "audio-features/v1";
  readonly name: string;
  /** Samples per second of the waveforms that it takes (mono, in [-1, 1]). */
  readonly sampleRate: number;
  /** F: numbers for each video frame. */
  readonly size: number;
  /** Seconds of sound that it needs after the moment (k + ½) / fps that frame k shows; Infinity when it needs the whole recording. */
  readonly lookAheadSeconds: number;
  /**
   * [frames, F]: row k belongs to video frame k. Past its ends the waveform is silent.
   * @throws `bad-input` for samples that are not finite, a negative or broken frame count, a frame rate that is not positive; `cancelled`.
   */
  extract(
    waveform: Float32Array,
    frames: number,
    framesPerSecond: number,
    options?: ExtractOptions,
  ): Promise<Tensor<"float32">>;
  /**
   * The rows of `extract`, bit for bit, each as soon as its sound is there; `framesOf` many. Absent where the features need the whole
   * recording.
   */
  stream?(
    chunks: AsyncIterable<Float32Array>,
    framesPerSecond: number,
    options?: ExtractOptions,
  ): AsyncGenerator<Float32Array, void, undefined>;
}

/** How many video frames a recording fills: the last may be filled in part only. */
export const framesOf = (samples: number, sampleRate: number, framesPerSecond: number): number =>
  Math.ceil((samples * framesPerSecond) / sampleRate - 1e-9);

/** @throws `bad-input` for a frame rate or frame count that no video has. */
export function checkFrames(framesPerSecond: number, frames = 0): void {
  if (!(framesPerSecond > 0 && framesPerSecond <= 1000))
    throw new ProsoponError("bad-input", `${framesPerSecond} is no frame rate.`, {
      values: { framesPerSecond },
      mend: "Give frames per second, above 0 and at most 1000.",
    });
  if (!(Number.isInteger(frames) && frames >= 0))
    throw new ProsoponError("bad-input", `${frames} is no number of frames.`, { values: { frames } });
}
