import { ProsoponError } from "@prosopon/errors";

export interface SoundEnvelopeOptions {
  /** Samples a second. */
  readonly rate: number;
  /** Of the video. */
  readonly framesPerSecond: number;
  /** How many frames; default as many as the sound fills. Beyond the sound it is silent. */
  readonly frames?: number;
}

/** Root mean square of mono sound (-1..1) during each frame of a video. @throws `bad-input` */
export function soundEnvelope(
  samples: Float32Array,
  { rate, framesPerSecond, frames = Math.floor((samples.length / rate) * framesPerSecond) }: SoundEnvelopeOptions,
): Float64Array {
  if (!(rate > 0) || !(framesPerSecond > 0) || !(frames >= 0))
    throw new ProsoponError("bad-input", `${rate} samples and ${framesPerSecond} frames a second are no rates.`, {
      values: { rate, framesPerSecond, frames },
    });
  return Float64Array.from({ length: frames }, (_, i) => {
    const [from, to] = [i, i + 1].map((f) => Math.min(samples.length, Math.round((f * rate) / framesPerSecond)));
    let sum = 0;
    for (let t = from!; t < to!; t++) sum += samples[t]! ** 2;
    return to! > from! ? Math.sqrt(sum / (to! - from!)) : 0;
  });
}
