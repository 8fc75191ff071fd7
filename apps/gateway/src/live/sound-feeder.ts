import type { JobEngine } from "@prosopon/jobs";
import { refusal } from "../limits/refusal.ts";

/** Samples in a second: live sound is 16 kHz, one channel, float32. */
export const SOUND_RATE = 16_000;

/** How long to wait before sound that the job has no room for is offered again, milliseconds. */
const AGAIN = 40;

export interface SoundFeederOptions {
  readonly engine: JobEngine;
  readonly job: string;
  /** Most sound in all. */
  readonly seconds: number;
  readonly signal: AbortSignal;
}

export interface SoundFeeder {
  /** Little-endian float32 bytes, any number, cut anywhere. Resolves when the job took them, so that a caller who waits is held to its pace. */
  feed(bytes: Uint8Array): Promise<void>;
  /** Says that the sound has ended. @returns how many samples were fed. */
  end(): Promise<number>;
}

/** @throws refusals from `feed`: `BAD_INPUT` for samples that are no finite numbers, `TOO_LARGE`, `CONFLICT` when the job listens no more. */
export function soundFeeder({ engine, job, seconds, signal }: SoundFeederOptions): SoundFeeder {
  let rest: Uint8Array = new Uint8Array(0);
  let samples = 0;

  const offer = async (chunk: Float32Array | "end"): Promise<void> => {
    while (true) {
      signal.throwIfAborted();
      const result = await engine.feed(job, chunk);
      if (result === "ok") return;
      if (result === "closed") throw refusal("CONFLICT", "The job takes no more sound.");
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
    }
  };

  return {
    async feed(bytes) {
      // Copied: the bytes may stand at any offset, a Float32Array may not.
      const whole = new Uint8Array(rest.length + bytes.length);
      whole.set(rest);
      whole.set(bytes, rest.length);
      const count = whole.length >> 2;
      rest = whole.slice(4 * count);
      const values = new Float32Array(whole.buffer, 0, count);
      if (!values.every(Number.isFinite))
        throw refusal("BAD_INPUT", "Sound must be finite float32 samples, little-endian.");
      samples += count;
      if (samples > seconds * SOUND_RATE) throw refusal("TOO_LARGE", `A job takes at most ${seconds} s of live sound.`);
      for (let start = 0; start < count; start += SOUND_RATE) await offer(values.slice(start, start + SOUND_RATE));
    },
    async end() {
      await offer("end");
      return samples;
    },
  };
}
