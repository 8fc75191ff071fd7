import { type Image, image } from "./image.ts";

/** What lies beyond the first and last of `length` pixels: d c b | a b c d | c b a. */
function mirrored(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * length - 2;
  const place = ((index % period) + period) % period;
  return place < length ? place : period - place;
}

interface Taps {
  readonly first: number;
  readonly weights: Float64Array;
}

/** The Gaussian of SciPy's `gaussian_filter`, cut off at four deviations, then linear interpolation: the weights of both together. */
function tapsOf(input: number, output: number, shrinks: boolean): Taps[] {
  const deviation = shrinks ? Math.max(0, (input / output - 1) / 2) : 0;
  const radius = Math.floor(4 * deviation + 0.5);
  const gaussian = Array.from({ length: 2 * radius + 1 }, (_, i) =>
    deviation === 0 ? 1 : Math.exp(-0.5 * ((i - radius) / deviation) ** 2),
  );
  const total = gaussian.reduce((a, b) => a + b, 0);
  return Array.from({ length: output }, (_, index) => {
    const centre = (index + 0.5) * (input / output) - 0.5;
    const left = Math.floor(centre);
    const right = centre - left;
    const weights = new Float64Array(2 * radius + 2);
    for (const [i, weight] of gaussian.entries()) {
      weights[i]! += ((1 - right) * weight) / total;
      weights[i + 1]! += (right * weight) / total;
    }
    return { first: left - radius, weights };
  });
}

/**
 * Stretches a picture as scikit-image's `resize` does with its defaults, and cuts the levels off to whole ones: `(resize(x, size) * 255).astype(uint8)`.
 * Where a side shrinks by f, a Gaussian of deviation (f - 1) / 2 goes before linear interpolation; beyond its edges the picture is mirrored.
 * It is here because published data sets were made so; `resize` is the better choice otherwise. Throws `bad-input`.
 */
export function resizeGaussian(source: Image, size: { readonly width: number; readonly height: number }): Image {
  const { width, height } = size;
  const result = image(width, height, source.channels);
  const shrinks = width < source.width || height < source.height;
  const { channels } = source;
  const [across, down] = [tapsOf(source.width, width, shrinks), tapsOf(source.height, height, shrinks)];
  const rows = new Float64Array(source.height * width * channels);
  for (let x = 0; x < width; x += 1) {
    const { first, weights } = across[x]!;
    for (const [tap, weight] of weights.entries()) {
      if (weight === 0) continue;
      const column = mirrored(first + tap, source.width);
      for (let y = 0; y < source.height; y += 1)
        for (let channel = 0; channel < channels; channel += 1)
          rows[(y * width + x) * channels + channel]! +=
            weight * (source.data[(y * source.width + column) * channels + channel]! * (1 / 255));
    }
  }
  const stride = width * channels;
  const sums = new Float64Array(stride);
  for (let y = 0; y < height; y += 1) {
    const { first, weights } = down[y]!;
    sums.fill(0);
    for (const [tap, weight] of weights.entries()) {
      if (weight === 0) continue;
      const start = mirrored(first + tap, source.height) * stride;
      for (let column = 0; column < stride; column += 1) sums[column]! += weight * rows[start + column]!;
    }
    // The detour over 0..1 is the original's: a few levels come back one lower.
    for (let column = 0; column < stride; column += 1)
      result.data[y * stride + column] = Math.floor(sums[column]! * 255);
  }
  return result;
}
