import { type Image, image } from "./image.ts";

export interface ResizeOptions {
  readonly width: number;
  readonly height: number;
  /** When shrinking, widen the triangle filter to the size of an output pixel (as Pillow does). Default true. */
  readonly antialias?: boolean;
}

/**
 * Bilinear resize. Coordinate rule (OpenCV, `align_corners=False`): the centre of output pixel i lies at
 * (i + 0.5) * input / output - 0.5 input pixels. Weights beyond the edge are left out and the rest renormalised. Sums are
 * float64, rounded once at the end. An alpha channel is interpolated like any other. Throws `bad-input`.
 */
export function resize(source: Image, { width, height, antialias = true }: ResizeOptions): Image {
  const result = image(width, height, source.channels);
  if (width === source.width && height === source.height) {
    result.data.set(source.data);
    return result;
  }
  const { channels } = source;
  const across = taps(source.width, width, antialias);
  const down = taps(source.height, height, antialias);
  const rows = new Float64Array(source.height * width * channels);
  for (let y = 0; y < source.height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const { first, weights } = across[x]!;
      for (let channel = 0; channel < channels; channel += 1) {
        let sum = 0;
        for (let tap = 0; tap < weights.length; tap += 1) {
          sum += weights[tap]! * source.data[(y * source.width + first + tap) * channels + channel]!;
        }
        rows[(y * width + x) * channels + channel] = sum;
      }
    }
  }
  const stride = width * channels;
  for (let y = 0; y < height; y += 1) {
    const { first, weights } = down[y]!;
    for (let column = 0; column < stride; column += 1) {
      let sum = 0;
      for (let tap = 0; tap < weights.length; tap += 1) sum += weights[tap]! * rows[(first + tap) * stride + column]!;
      result.data[y * stride + column] = Math.round(sum);
    }
  }
  return result;
}

interface Taps {
  readonly first: number;
  readonly weights: Float64Array;
}

function taps(input: number, output: number, antialias: boolean): Taps[] {
  const scale = input / output;
  const radius = antialias ? Math.max(1, scale) : 1;
  return Array.from({ length: output }, (_, index) => {
    const centre = (index + 0.5) * scale - 0.5;
    const first = Math.max(0, Math.ceil(centre - radius));
    const last = Math.min(input - 1, Math.floor(centre + radius));
    const weights = new Float64Array(last - first + 1);
    let total = 0;
    for (let tap = 0; tap < weights.length; tap += 1) {
      weights[tap] = Math.max(0, 1 - Math.abs(first + tap - centre) / radius);
      total += weights[tap]!;
    }
    for (let tap = 0; tap < weights.length; tap += 1) weights[tap]! /= total;
    return { first, weights };
  });
}
