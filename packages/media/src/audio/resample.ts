import { checkSampleRate, type Sound, sound } from "./sound.ts";

// A Kaiser window of beta 8 keeps side lobes below -80 dB; with 48 zero crossings on a side the transition takes a tenth of
// the band, so a cutoff at 0.947 of the lower Nyquist frequency lets nothing above that frequency through.
const BETA = 8;
const CROSSINGS = 48;
const CUTOFF = 0.947;
/** Above so many phases the coefficients are interpolated between two of a table, which costs less than 1e-5 of the amplitude. */
const MOST_PHASES = 1024;

/** A converter of one channel that takes sound as it comes. Pieces of any lengths give, joined, the same samples bit for bit. */
export interface Resampler {
  /** The samples that can be told once `samples` are known: all but about 3 ms. */
  push(samples: Float32Array): Float32Array;
  /** The last samples. The resampler is spent afterwards. */
  end(): Float32Array;
}

/**
 * The sound at another rate, by a band-limited polyphase filter (windowed sinc, Kaiser) without delay: sample n of the result
 * lies at n / rate seconds. Its length is ceil(length * rate / sampleRate). The band up to 0.89 of the lower of the two Nyquist
 * frequencies passes, what would be mirrored falls by more than 60 dB. Silence is assumed before and after. Throws `bad-input`.
 */
export function resample(source: Sound, sampleRate: number): Sound {
  checkSampleRate(sampleRate);
  if (source.sampleRate === sampleRate) return source;
  return sound(
    sampleRate,
    source.channels.map((channel) => {
      const resampler = createResampler(source.sampleRate, sampleRate);
      return joined([resampler.push(channel), resampler.end()]);
    }),
  );
}

/** `resample` for sound that arrives in pieces, one channel. Throws `bad-input` for impossible rates. */
export function createResampler(from: number, to: number): Resampler {
  checkSampleRate(from);
  checkSampleRate(to);
  if (from === to) return { push: (samples) => samples, end: () => new Float32Array(0) };
  const divisor = greatestDivisor(from, to);
  const up = to / divisor;
  const down = from / divisor;
  const { reach, taps, phases, coefficients } = filterOf(up, down);
  const exact = phases === up;

  // `held` begins at input sample `start`; samples before 0 are silence.
  let held = new Float32Array(reach - 1);
  let start = -(reach - 1);
  let known = 0;
  // Output sample n lies at n * down / up = whole + rest / up.
  let whole = 0;
  let rest = 0;

  const produce = (limit: number): Float32Array => {
    // The filter of an output at `whole` sees whole - reach + 1 .. whole + reach.
    const ready = Math.max(0, Math.ceil(((limit - whole) * up - rest) / down));
    const result = new Float32Array(ready);
    for (let at = 0; at < ready; at += 1) {
      const first = whole - reach + 1 - start;
      let sum = 0;
      if (exact) {
        const row = rest * taps;
        for (let tap = 0; tap < taps; tap += 1) sum += held[first + tap]! * coefficients[row + tap]!;
      } else {
        const phase = (rest / up) * phases;
        const row = Math.floor(phase) * taps;
        const part = phase - Math.floor(phase);
        for (let tap = 0; tap < taps; tap += 1) {
          const lower = coefficients[row + tap]!;
          sum += held[first + tap]! * (lower + part * (coefficients[row + taps + tap]! - lower));
        }
      }
      result[at] = sum;
      rest += down;
      const steps = Math.floor(rest / up);
      whole += steps;
      rest -= steps * up;
    }
    return result;
  };
  const append = (samples: Float32Array): void => {
    const drop = Math.min(held.length, Math.max(0, whole - reach + 1 - start));
    held = joined([held.subarray(drop), samples]);
    start += drop;
  };
  return {
    push: (samples) => {
      append(samples);
      known += samples.length;
      return produce(known - reach);
    },
    end: () => {
      append(new Float32Array(reach + 1));
      return produce(known);
    },
  };
}

interface Filter {
  /** Input samples on each side of an output sample. */
  readonly reach: number;
  readonly taps: number;
  readonly phases: number;
  /** [phases + 1, taps]; row p is for an output p / phases of a sample after an input sample. */
  readonly coefficients: Float64Array;
}

const filters = new Map<string, Filter>();

function filterOf(up: number, down: number): Filter {
  const key = `${up}/${down}`;
  const found = filters.get(key);
  if (found !== undefined) return found;
  const scale = CUTOFF * Math.min(1, up / down);
  const width = CROSSINGS / scale;
  const reach = Math.ceil(width) + 1;
  const taps = 2 * reach;
  const phases = Math.min(up, MOST_PHASES);
  const coefficients = new Float64Array((phases + 1) * taps);
  for (let phase = 0; phase <= phases; phase += 1) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap += 1) {
      const distance = tap - reach + 1 - phase / phases;
      const edge = 1 - (distance / width) ** 2;
      const value = edge <= 0 ? 0 : sinc(scale * distance) * bessel(BETA * Math.sqrt(edge));
      coefficients[phase * taps + tap] = value;
      sum += value;
    }
    // Every phase passes a constant unchanged.
    for (let tap = 0; tap < taps; tap += 1) coefficients[phase * taps + tap]! /= sum;
  }
  const filter = { reach, taps, phases, coefficients };
  // A stream of sounds with ever other rates must not fill the memory.
  if (filters.size >= 8) filters.delete(filters.keys().next().value as string);
  filters.set(key, filter);
  return filter;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** The modified Bessel function of the first kind and order 0, by its power series. */
function bessel(x: number): number {
  let term = 1;
  let sum = 1;
  for (let order = 1; term > 1e-12 * sum; order += 1) {
    term *= (x / (2 * order)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

function joined(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const result = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
