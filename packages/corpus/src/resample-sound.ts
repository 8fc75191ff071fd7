const zeroCrossings = 12;
const perCrossing = 256;
/** One side of a Hann-windowed sinc. */
const kernel = Float64Array.from({ length: zeroCrossings * perCrossing + 2 }, (_, n) => {
  const x = n / perCrossing;
  if (x >= zeroCrossings) return 0;
  const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  return sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / zeroCrossings));
});

/**
 * Reads `samples` at `ratio` times their speed through a windowed sinc (Smith's band-limited interpolation): output n is the
 * input at n * ratio. Above 1 the result is shorter; taken at the same rate it sounds higher, formants included.
 */
export function resampleSound(samples: Float32Array, ratio: number): Float32Array {
  const output = new Float32Array(Math.max(0, Math.round(samples.length / ratio)));
  const cutoff = Math.min(1, 1 / ratio);
  const half = zeroCrossings / cutoff;
  for (let n = 0; n < output.length; n += 1) {
    const centre = n * ratio;
    const last = Math.min(samples.length - 1, Math.floor(centre + half));
    let sum = 0;
    for (let m = Math.max(0, Math.ceil(centre - half)); m <= last; m += 1) {
      sum += samples[m]! * kernel[Math.round(Math.abs(m - centre) * cutoff * perCrossing)]!;
    }
    output[n] = sum * cutoff;
  }
  return output;
}
