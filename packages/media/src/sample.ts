import { invertTransform, type Transform } from "./transform.ts";

/** Interleaved values of any number of channels. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array | Float32Array;
}

/** The part of the output plane to compute, in whole pixels. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * `source` seen through `transform` (source place -> output place), bilinear, in `region` of the output. Where the transform
 * shrinks by s < 1, each output pixel is the mean of ceil(1 / s)^2 sub-samples, against aliasing. Beyond its edge the source
 * repeats its edge pixels, or is `outside`.
 */
export function sample(
  source: Raster,
  transform: Transform,
  region: Region,
  outside: "edge" | readonly number[],
): Float32Array<ArrayBuffer> {
  const { width, height, channels, data } = source;
  const back = invertTransform(transform);
  const scale = Math.sqrt(Math.abs(back.a * back.e - back.b * back.d));
  const steps = Math.min(16, Math.max(1, Math.ceil(scale - 1e-6)));
  const share = 1 / (steps * steps);
  const result = new Float32Array(region.width * region.height * channels);
  const value = (column: number, row: number, channel: number): number => {
    if (outside !== "edge" && (column < 0 || row < 0 || column >= width || row >= height)) return outside[channel] ?? 0;
    const x = Math.min(width - 1, Math.max(0, column));
    const y = Math.min(height - 1, Math.max(0, row));
    return data[(y * width + x) * channels + channel]!;
  };
  for (let row = 0; row < region.height; row += 1) {
    for (let column = 0; column < region.width; column += 1) {
      const start = (row * region.width + column) * channels;
      for (let part = 0; part < steps * steps; part += 1) {
        const outX = region.x + column + ((part % steps) + 0.5) / steps;
        const outY = region.y + row + (Math.floor(part / steps) + 0.5) / steps;
        const x = back.a * outX + back.b * outY + back.c - 0.5;
        const y = back.d * outX + back.e * outY + back.f - 0.5;
        const left = Math.floor(x);
        const top = Math.floor(y);
        const right = x - left;
        const low = y - top;
        for (let channel = 0; channel < channels; channel += 1) {
          const upper = (1 - right) * value(left, top, channel) + right * value(left + 1, top, channel);
          const lower = (1 - right) * value(left, top + 1, channel) + right * value(left + 1, top + 1, channel);
          result[start + channel]! += share * ((1 - low) * upper + low * lower);
        }
      }
    }
  }
  return result;
}
