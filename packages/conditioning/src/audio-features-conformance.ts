import { ProsoponError } from "@prosopon/errors";
import { tensor } from "@prosopon/graph";
import { type AudioFeatures, checkFrames, framesOf } from "./audio-features.ts";

/**
 * Extracts features from a recording of a second or more and checks what `audio-features/v1` promises of shape, silence, streaming and bad input.
 * @throws `bad-input` with the first broken promise.
 */
export async function checkAudioFeatures(features: AudioFeatures, waveform: Float32Array): Promise<void> {
  const broken = (promise: string) => new ProsoponError("bad-input", `Features "${features.name}": ${promise}`);
  const { sampleRate, size, lookAheadSeconds, specification } = features;
  if (specification !== "audio-features/v1")
    throw broken(`specification is "${specification}", not "audio-features/v1".`);
  if (features.name === "") throw broken("the name is empty.");
  if (!(sampleRate > 0 && Number.isInteger(size) && size > 0 && lookAheadSeconds >= 0))
    throw broken(`${sampleRate} Hz, ${size} numbers and ${lookAheadSeconds} s to look ahead make no features.`);
  const refuses = async (samples: Float32Array, frames: number, rate: number, signal?: AbortSignal) => {
    try {
      await features.extract(samples, frames, rate, signal ? { signal } : {});
      return false;
    } catch {
      return true;
    }
  };
  for (const rate of [25, 30]) {
    const frames = framesOf(waveform.length, sampleRate, rate);
    const { shape, dtype, data } = await features.extract(waveform, frames, rate);
    if (dtype !== "float32" || `${shape}` !== `${[frames, size]}`)
      throw broken(`${frames} frames are ${dtype}[${shape}], not float32[${frames},${size}].`);
    if (!data.every(Number.isFinite)) throw broken("a number is not finite.");
    const again = await features.extract(waveform, frames, rate);
    if (!data.every((v, i) => v === again.data[i])) throw broken("a second run gives other numbers.");
    if (!features.stream) continue;
    const rows: Float32Array[] = [];
    for await (const row of features.stream(cut(waveform), rate)) rows.push(row);
    if (rows.length !== frames) throw broken(`the stream gives ${rows.length} rows for ${frames} frames.`);
    const differing = rows.findIndex((row, k) => row.length !== size || !row.every((v, i) => v === data[k * size + i]));
    if (differing >= 0) throw broken(`row ${differing} of the stream differs from the whole.`);
  }
  if (!features.stream && Number.isFinite(lookAheadSeconds)) throw broken("it looks ahead so far, yet has no stream.");
  if ((await features.extract(waveform, 0, 25)).shape[0] !== 0) throw broken("no frames give some.");
  if (!(await features.extract(new Float32Array(1), 2, 25)).data.every(Number.isFinite))
    throw broken("one sample gives a number that is not finite.");
  const holed = waveform.slice();
  holed[holed.length >> 1] = Number.NaN;
  const frames = framesOf(waveform.length, sampleRate, 25);
  if (!(await refuses(holed, frames, 25))) throw broken("a sample that is no number is taken.");
  if (!(await refuses(waveform, frames, 0))) throw broken("0 frames per second are taken.");
  if (!(await refuses(waveform, frames, 25, AbortSignal.abort()))) throw broken("a fired signal is not heard.");
}

async function* cut(waveform: Float32Array): AsyncGenerator<Float32Array, void, undefined> {
  let at = 0;
  for (const size of [0, 1, 700, 3001]) {
    yield waveform.slice(at, at + size);
    at += size;
  }
  for (; at < waveform.length; at += 4096) yield waveform.slice(at, at + 4096);
}

/** Features for tests of what uses features: the mean square of each frame's own sound, `size` times. Streams, looks half a frame ahead. */
export function fakeAudioFeatures({ size = 2 }: { readonly size?: number } = {}): AudioFeatures {
  const sampleRate = 16000;
  const edge = (k: number, rate: number) => Math.round((k * sampleRate) / rate);
  const row = (sound: Float32Array) => {
    const power = sound.reduce((sum, v) => sum + v * v, 0) / Math.max(1, sound.length);
    if (Number.isFinite(power)) return new Float32Array(size).fill(power);
    throw new ProsoponError("bad-input", "A sample is not finite.");
  };
  return {
    specification: "audio-features/v1",
    name: "fake",
    sampleRate,
    size,
    // Half a frame at the slowest rate that tests use.
    lookAheadSeconds: 0.05,
    async extract(waveform, frames, framesPerSecond, { signal } = {}) {
      checkFrames(framesPerSecond, frames);
      if (signal?.aborted) throw new ProsoponError("cancelled", "Cancelled.");
      const result = tensor("float32", [frames, size]);
      for (let k = 0; k < frames; k++)
        result.data.set(row(waveform.subarray(edge(k, framesPerSecond), edge(k + 1, framesPerSecond))), k * size);
      return result;
    },
    async *stream(chunks, framesPerSecond) {
      let held = new Float32Array(0);
      let [origin, k] = [0, 0];
      for await (const chunk of chunks) {
        held = Float32Array.from([...held, ...chunk]);
        while (edge(k + 1, framesPerSecond) <= origin + held.length) {
          const end = edge(k + 1, framesPerSecond) - origin;
          yield row(held.subarray(0, end));
          held = held.slice(end);
          origin += end;
          k++;
        }
      }
      if (k < framesOf(origin + held.length, sampleRate, framesPerSecond)) yield row(held);
    },
  };
}
