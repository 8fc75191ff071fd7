import { ProsoponError } from "@prosopon/errors";
import { tensor } from "@prosopon/graph";
import * as z from "zod";
import { type AudioFeatures, checkFrames, framesOf } from "./audio-features.ts";
import { fourierPower } from "./fourier-power.ts";
import { melBands } from "./mel-bands.ts";

const sampleRate = 16000;

const options = z
  .strictObject({
    bands: z.int().min(1).max(256).default(40),
    hopsPerFrame: z.int().min(1).max(64).default(4),
    hopSeconds: z.number().positive().max(0.1).default(0.01),
    windowSeconds: z.number().min(0.002).max(0.25).default(0.025),
    lowest: z.number().min(0).default(60),
    highest: z
      .number()
      .max(sampleRate / 2)
      .default(7600),
    floor: z.number().positive().max(0.1).default(1e-8),
  })
  .refine((o) => o.lowest < o.highest, { message: "lowest must be below highest" });

export interface LogMelOptions {
  /** Mel bands of each hop; default 40. */
  readonly bands?: number;
  /** Spectra of each video frame, evenly around the moment that it shows; default 4. */
  readonly hopsPerFrame?: number;
  /** Seconds between spectra, whatever the frame rate; default 0.01. */
  readonly hopSeconds?: number;
  /** Seconds of sound in a spectrum; default 0.025. */
  readonly windowSeconds?: number;
  /** Hz; default 60. */
  readonly lowest?: number;
  /** Hz; default 7600. */
  readonly highest?: number;
  /** Power below which a band counts as silent (a full-scale sine has 1); default 1e-8, 80 dB below full scale. */
  readonly floor?: number;
}

/**
 * Log-mel spectra around each video frame: F = hopsPerFrame · bands numbers, hop after hop. A number is 2 log(power + floor) / log(1 / floor) + 1
 * in fixed units: -1 in silence, 1 for a full-scale sine. No number depends on more of the recording than its own window, so a stream
 * equals the whole bit for bit, and a louder recording is the same one with a constant added.
 * @throws `bad-input` for options that make no spectrum.
 */
export function logMel(given: LogMelOptions = {}): AudioFeatures & { readonly bandCentres: readonly number[] } {
  const parsed = options.safeParse(given);
  if (!parsed.success)
    throw new ProsoponError("bad-input", `These options make no log-mel features: ${z.prettifyError(parsed.error)}`, {
      values: { options: given },
    });
  const { bands, hopsPerFrame, hopSeconds, windowSeconds, lowest, highest, floor } = parsed.data;
  const length = Math.round(windowSeconds * sampleRate);
  const transform = 2 ** Math.ceil(Math.log2(length));
  const triangles = melBands({ bands, lowest, highest, sampleRate, transform });
  const size = hopsPerFrame * bands;
  // Hann; scaled so that the peak bin of a full-scale sine has power 1.
  const hann = Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / length));
  const scale = (2 / hann.reduce((a, b) => a + b, 0)) ** 2;
  const unit = 2 / -Math.log(floor);

  const hopStart = (frame: number, hop: number, framesPerSecond: number): number => {
    const centre = (frame + 0.5) / framesPerSecond + (hop - (hopsPerFrame - 1) / 2) * hopSeconds;
    return Math.round(centre * sampleRate - length / 2);
  };

  /** Frame `frame` of a recording of which `samples` begins at sample `origin`; what lies outside is silent. */
  const reader = () => {
    const power = fourierPower(transform);
    const windowed = new Float64Array(length);
    return (samples: Float32Array, origin: number, frame: number, framesPerSecond: number, into: Float32Array) => {
      for (let hop = 0; hop < hopsPerFrame; hop++) {
        const start = hopStart(frame, hop, framesPerSecond) - origin;
        for (let i = 0; i < length; i++) windowed[i] = (samples[start + i] ?? 0) * hann[i]!;
        const spectrum = power(windowed);
        for (let band = 0; band < bands; band++) {
          const { first, weights } = triangles[band]!;
          let sum = 0;
          for (let i = 0; i < weights.length; i++) sum += weights[i]! * spectrum[first + i]!;
          if (!Number.isFinite(sum))
            throw new ProsoponError("bad-input", `The sound at video frame ${frame} has a sample that is not finite.`, {
              values: { frame },
              mend: "Repair the recording: its samples must be numbers.",
            });
          into[hop * bands + band] = Math.log(sum * scale + floor) * unit + 1;
        }
      }
    };
  };

  return {
    specification: "audio-features/v1",
    name: "log-mel",
    sampleRate,
    size,
    lookAheadSeconds: ((hopsPerFrame - 1) / 2) * hopSeconds + windowSeconds / 2,
    bandCentres: triangles.map(({ centre }) => centre),
    async extract(waveform, frames, framesPerSecond, { signal } = {}) {
      checkFrames(framesPerSecond, frames);
      const read = reader();
      const result = tensor("float32", [frames, size]);
      for (let k = 0; k < frames; k++) {
        if (k % 256 === 0) checkSignal(signal);
        read(waveform, 0, k, framesPerSecond, result.data.subarray(k * size, (k + 1) * size));
      }
      return result;
    },
    async *stream(chunks, framesPerSecond, { signal } = {}) {
      checkFrames(framesPerSecond);
      const read = reader();
      let held = new Float32Array(0);
      let origin = 0;
      let frame = 0;
      const next = () => {
        const row = new Float32Array(size);
        read(held, origin, frame++, framesPerSecond, row);
        return row;
      };
      for await (const chunk of chunks) {
        checkSignal(signal);
        const from = Math.min(Math.max(hopStart(frame, 0, framesPerSecond) - origin, 0), held.length);
        const joined = new Float32Array(held.length - from + chunk.length);
        joined.set(held.subarray(from));
        joined.set(chunk, held.length - from);
        held = joined;
        origin += from;
        while (hopStart(frame, hopsPerFrame - 1, framesPerSecond) + length <= origin + held.length) yield next();
      }
      checkSignal(signal);
      const frames = framesOf(origin + held.length, sampleRate, framesPerSecond);
      while (frame < frames) yield next();
    },
  };
}

function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new ProsoponError("cancelled", "The features were cancelled.", { cause: signal.reason as unknown });
}
