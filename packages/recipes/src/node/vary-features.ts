import { philox, type Seed } from "@prosopon/random";

export interface VaryFeaturesOptions {
  /** Hz: the middle of each band of a spectrum (`bandCentres`). */
  readonly centres: readonly number[];
  readonly seed: Seed;
  readonly step: number;
  /** Share of the windows that are changed; all if not given. */
  readonly share?: number;
}

/** Log-mel has 2 / log(1e8) for a factor e of power. */
const unit = 2 / Math.log(1e8);
const decibel = (unit * Math.log(10)) / 10;

/**
 * Changes log-mel windows [N, spectra · bands] of 10 ms spectra in place, as voices, rooms and microphones do: another vocal tract (bands move in
 * proportion), harmonics of another pitch, a microphone's curve, echoes, noise of any colour that swells, loudness; some bands and moments are
 * missing. A network that learned from few voices then leans on less of what is theirs alone.
 */
export function varyFeatures(
  windows: Float32Array,
  count: number,
  { centres, seed, step, share = 1 }: VaryFeaturesOptions,
): void {
  const bands = centres.length;
  const size = windows.length / count;
  const spectra = size / bands;
  const random = philox(seed, "vary/features", step);
  const between = (low: number, high: number) => low + (high - low) * random.uniform();
  const curve = (decibels: number): Float32Array => {
    const waves = [1, 2, 3, 4].map((k) => [(decibels * random.gaussian()) / Math.sqrt(k), k, between(0, 2)] as const);
    return Float32Array.from(centres, (_, b) =>
      waves.reduce(
        (sum, [height, k, phase]) => sum + height * decibel * Math.cos(Math.PI * (k * (b / bands) + phase)),
        0,
      ),
    );
  };
  const power = new Float32Array(bands);
  const echo = new Float32Array(bands);
  for (let n = 0; n < count; n++) {
    if (random.uniform() >= share) continue;
    const window = windows.subarray(n * size, (n + 1) * size);
    const loudest = window.reduce((a, b) => Math.max(a, b), -1);
    const microphone = curve(4);
    const stretch = between(0.84, 1.2);
    const [pitch, ripple, phase] = [
      between(90, 320),
      random.uniform() < 0.5 ? between(0, 5) * decibel : 0,
      between(0, 6.3),
    ];
    const decay = 10 ** (-6 * (0.01 / between(0.05, 0.8)));
    const wet = random.uniform() < 0.6 ? between(0, 0.5) : 0;
    const noise = random.uniform() < 0.7 ? curve(8).map((v) => Math.exp((loudest + v) / unit)) : undefined;
    const [under, swell, speed, begin] = [
      10 ** -between(0.8, 4.5),
      between(0, 0.9),
      between(0.02, 0.2),
      between(0, 6.3),
    ];
    const gain = between(-10, 10) * decibel;
    const holes = [0, 1].map(() =>
      random.uniform() < 0.4 ? ([random.integer(bands), 1 + random.integer(5)] as const) : [0, 0],
    );
    const silent = random.uniform() < 0.3 ? random.integer(spectra) : -9;
    // From here on a plain generator is enough, and much faster.
    let state = random.integer(2 ** 32) || 1;
    echo.fill(0);
    for (let t = 0; t < spectra; t++) {
      const row = window.subarray(t * bands, (t + 1) * bands);
      const level = under * (1 + swell * Math.cos(speed * t + begin));
      for (let b = 0; b < bands; b++) {
        const from = Math.min(bands - 1.001, b * stretch);
        const low = Math.floor(from);
        const harmonic = ripple * Math.exp(-b / 10) * Math.cos((2 * Math.PI * centres[b]!) / pitch + phase);
        const moved = row[low]! + (from - low) * (row[low + 1]! - row[low]!) + (row[low]! > -0.9 ? harmonic : 0);
        power[b] = Math.exp((moved + microphone[b]!) / unit);
      }
      for (let b = 0; b < bands; b++) {
        let total = power[b]! + wet * (1 - decay) * echo[b]!;
        echo[b] = decay * echo[b]! + power[b]!;
        if (noise) {
          state ^= state << 13;
          state ^= state >>> 17;
          state ^= state << 5;
          // A band of noise has the power of a few squared Gaussians.
          total += noise[b]! * level * (0.4 + 1.2 * ((state >>> 0) / 2 ** 32));
        }
        const hidden = (t >= silent && t < silent + 2) || holes.some(([first, wide]) => b >= first && b < first + wide);
        row[b] = hidden ? -1 : Math.max(-1, unit * Math.log(total) + gain);
      }
    }
  }
}
