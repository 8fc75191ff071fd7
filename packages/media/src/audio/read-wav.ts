import { ProsoponError } from "@prosopon/errors";
import { type Sound, sound } from "./sound.ts";
import { createWavReader, type WavFormat } from "./wav-reader.ts";

export interface ReadWavOptions {
  /** Refuse a longer recording. Default 3600. */
  readonly limitSeconds?: number;
  /** What the messages call the file. */
  readonly name?: string;
}

/**
 * The sound of a WAV file: PCM of 8, 16, 24 or 32 bits, floats of 32 or 64, any number of channels. Throws `bad-file` for bytes that
 * are none, cut off, without samples, or with NaN or infinity among them; `bad-input` for one longer than the limit.
 */
export function readWav(bytes: Uint8Array, options: ReadWavOptions = {}): Sound {
  const { limitSeconds = 3600, name = "the given bytes" } = options;
  const reader = createWavReader(name);
  const parts: Float32Array[][] = [];
  let at = 0;
  let format: WavFormat | undefined;
  // The header alone tells the length, so a refusal costs no memory.
  for (; format === undefined && at < bytes.length; at += 4096) {
    parts.push(reader.push(bytes.subarray(at, at + 4096)));
    format = reader.format;
  }
  const refuse = (samples: number): void => {
    const seconds = samples / (format?.sampleRate ?? 1);
    if (seconds > limitSeconds) throw tooLong(name, seconds, limitSeconds);
  };
  refuse(format?.length ?? 0);
  parts.push(reader.push(bytes.subarray(at)));
  reader.end();
  const { sampleRate, channelCount } = format!;
  const whole = sound(
    sampleRate,
    Array.from({ length: channelCount }, (_, channel) => joinedSamples(parts.flatMap((part) => part[channel] ?? []))),
  );
  refuse(whole.channels[0]!.length);
  return whole;
}

export function tooLong(name: string, seconds: number, limitSeconds: number): ProsoponError {
  return new ProsoponError(
    "bad-input",
    `The sound in ${name} lasts ${seconds > limitSeconds + 1 ? `${Math.round(seconds)} s` : "longer"}; at most ${limitSeconds} s are read.`,
    { values: { name, seconds, limitSeconds }, mend: "Cut it, or raise the limit." },
  );
}

export function joinedSamples(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const result = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
