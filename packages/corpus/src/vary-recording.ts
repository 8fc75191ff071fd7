import { philox, type Random } from "@prosopon/random";

export interface VaryRecordingOptions {
  readonly seed: number;
  readonly sampleRate: number;
  /** "unseen" draws rooms, noises and filters that "train" never draws. */
  readonly range?: "train" | "unseen";
}

/**
 * Makes a clean recording sound as if made elsewhere: another microphone (tilt, resonances, sometimes a telephone), a room,
 * background noise at 5 to 45 dB below the voice, clipping, another loudness. Sample times stay as they are.
 */
export function varyRecording(
  samples: Float32Array,
  { seed, sampleRate, range = "train" }: VaryRecordingOptions,
): Float32Array {
  const random = philox(seed, `corpus/recording/${range}`);
  const between = (low: number, high: number): number => low + (high - low) * random.uniform();
  const unseen = range === "unseen";
  let sound = Float32Array.from(samples);
  const tilt = between(-7, 7);
  shelf(sound, sampleRate, 1200, tilt);
  for (let count = random.integer(4); count > 0; count -= 1) {
    const pitch = unseen ? between(150, 250) * 20 ** random.uniform() : between(200, 300) * 18 ** random.uniform();
    peak(sound, sampleRate, pitch, between(-8, 8), between(0.7, 2.5));
  }
  if (random.uniform() < 0.6) {
    sound = room(sound, sampleRate, random, unseen ? between(0.45, 0.65) : between(0.08, 0.45), between(0.03, 0.3));
  }
  if (random.uniform() < 0.1) telephone(sound, sampleRate, between(200, 350), between(3000, 3800));
  const level = loudness(sound);
  if (random.uniform() < 0.1) {
    const limit = level * between(2, 4);
    for (let n = 0; n < sound.length; n += 1) sound[n] = limit * Math.tanh(sound[n]! / limit);
  }
  if (random.uniform() < 0.75) {
    const noise = noiseOf(sound.length, sampleRate, random, unseen);
    const gain = (level / Math.max(1e-9, loudness(noise))) * 10 ** (-between(unseen ? 10 : 5, 45) / 20);
    for (let n = 0; n < sound.length; n += 1) sound[n] = sound[n]! + gain * noise[n]!;
  }
  const wanted = 10 ** (between(-36, -14) / 20);
  let gain = wanted / Math.max(1e-9, level);
  let top = 0;
  for (const value of sound) top = Math.max(top, Math.abs(value));
  gain = Math.min(gain, 0.98 / Math.max(1e-9, top));
  return sound.map((value) => value * gain);
}

/** Root mean square of the voiced half: the louder half of 20 ms pieces. */
function loudness(samples: Float32Array): number {
  const piece = 320;
  const powers: number[] = [];
  for (let at = 0; at + piece <= samples.length; at += piece) {
    let power = 0;
    for (let n = at; n < at + piece; n += 1) power += samples[n]! ** 2;
    powers.push(power / piece);
  }
  const loud = powers.sort((a, b) => b - a).slice(0, Math.max(1, Math.floor(powers.length / 2)));
  return Math.sqrt(loud.reduce((sum, power) => sum + power, 0) / Math.max(1, loud.length));
}

/** Filters in place; coefficients as in Bristow-Johnson's cookbook, divided by a0. */
function biquad(samples: Float32Array, b0: number, b1: number, b2: number, a1: number, a2: number): void {
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  for (let n = 0; n < samples.length; n += 1) {
    const x = samples[n]!;
    const y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
    [x2, x1, y2, y1] = [x1, x, y1, y];
    samples[n] = y;
  }
}

function peak(samples: Float32Array, sampleRate: number, hertz: number, decibels: number, quality: number): void {
  const w = (2 * Math.PI * Math.min(hertz, 0.45 * sampleRate)) / sampleRate;
  const a = 10 ** (decibels / 40);
  const alpha = Math.sin(w) / (2 * quality);
  const a0 = 1 + alpha / a;
  const side = (-2 * Math.cos(w)) / a0;
  biquad(samples, (1 + alpha * a) / a0, side, (1 - alpha * a) / a0, side, (1 - alpha / a) / a0);
}

/** Raises what lies above `hertz` by `decibels` (first order), lowers what lies below by as much. */
function shelf(samples: Float32Array, sampleRate: number, hertz: number, decibels: number): void {
  const pole = Math.exp((-2 * Math.PI * hertz) / sampleRate);
  const [high, low] = [10 ** (decibels / 20), 10 ** (-decibels / 20)];
  let slow = 0;
  for (let n = 0; n < samples.length; n += 1) {
    slow = pole * slow + (1 - pole) * samples[n]!;
    samples[n] = low * slow + high * (samples[n]! - slow);
  }
}

function telephone(samples: Float32Array, sampleRate: number, low: number, high: number): void {
  for (const [hertz, pass] of [
    [low, "high"],
    [high, "low"],
  ] as const) {
    const w = (2 * Math.PI * hertz) / sampleRate;
    const alpha = Math.sin(w) / Math.SQRT2;
    const cos = Math.cos(w);
    const a0 = 1 + alpha;
    const middle = pass === "high" ? -(1 + cos) : 1 - cos;
    const edge = Math.abs(middle) / 2;
    biquad(samples, edge / a0, middle / a0, edge / a0, (-2 * cos) / a0, (1 - alpha) / a0);
  }
}

/** Schroeder's reverberator (four combs, two all-passes), mixed below the direct sound. */
function room(
  samples: Float32Array,
  sampleRate: number,
  random: Random,
  seconds: number,
  share: number,
): Float32Array<ArrayBuffer> {
  let wet = new Float32Array(samples.length);
  for (const base of [0.0297, 0.0371, 0.0411, 0.0437]) {
    const delay = Math.round(base * (0.6 + 0.6 * random.uniform()) * sampleRate);
    const feedback = 10 ** ((-3 * delay) / (seconds * sampleRate));
    const line = new Float32Array(samples.length);
    for (let n = 0; n < samples.length; n += 1) {
      line[n] = samples[n]! + (n >= delay ? feedback * line[n - delay]! : 0);
      if (n >= delay) wet[n] = wet[n]! + 0.25 * line[n - delay]!;
    }
  }
  for (const delay of [Math.round(0.005 * sampleRate), Math.round(0.0017 * sampleRate)]) {
    const out = new Float32Array(wet.length);
    for (let n = 0; n < wet.length; n += 1) {
      const [x, y] = n >= delay ? [wet[n - delay]!, out[n - delay]!] : [0, 0];
      out[n] = -0.7 * wet[n]! + x + 0.7 * y;
    }
    wet = out;
  }
  const gain = (share * loudness(samples)) / Math.max(1e-9, loudness(wet));
  return Float32Array.from(samples, (value, n) => value + gain * wet[n]!);
}

/** White, pink or brown noise, or mains hum with hiss; unseen: a rumble that swells and fades, as of traffic. */
function noiseOf(length: number, sampleRate: number, random: Random, unseen: boolean): Float32Array {
  const noise = new Float32Array(length);
  const colour = unseen ? 4 : random.integer(4);
  const hum = 50 + 10 * random.integer(2);
  const [swell, phase] = [0.3 + 2 * random.uniform(), random.uniform()];
  // A plain generator suffices here and is much faster than Philox.
  let state = random.integer(2 ** 32) || 1;
  let [slow, slower, slowest] = [0, 0, 0];
  for (let n = 0; n < length; n += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const white = state / 2 ** 31;
    slow += 0.35 * (white - slow);
    slower += 0.06 * (white - slower);
    slowest += 0.008 * (white - slowest);
    const time = n / sampleRate;
    if (colour === 0) noise[n] = white;
    else if (colour === 1) noise[n] = 0.15 * white + 0.5 * slow + 1.2 * slower + 3 * slowest;
    else if (colour === 2) noise[n] = slowest;
    else if (colour === 3) {
      noise[n] = 0.2 * white + Math.sin(2 * Math.PI * hum * time) + 0.4 * Math.sin(6 * Math.PI * hum * time);
    } else noise[n] = (slow + 2 * slower) * (1 + 0.8 * Math.sin(2 * Math.PI * (swell * time + phase)));
  }
  return noise;
}
