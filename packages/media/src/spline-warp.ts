import { type Image, image } from "./image.ts";
import { applyTransform, type Transform } from "./transform.ts";

const pole = Math.sqrt(3) - 2;

/** What lies beyond the edge: c b a | a b c | c b a. */
function reflected(index: number, length: number): number {
  const place = ((index % (2 * length)) + 2 * length) % (2 * length);
  return place < length ? place : 2 * length - 1 - place;
}

/** Replaces a line of samples by the coefficients of the cubic B-spline through them (Unser 1999, with SciPy's "reflect"). */
function toCoefficients(line: Float64Array): void {
  const last = line.length - 1;
  if (last < 1) return;
  for (let i = 0; i <= last; i += 1) line[i]! *= (1 - pole) * (1 - 1 / pole);
  const [first, whole] = [line[0]!, pole ** line.length];
  let power = pole;
  let sum = line[0]! + whole * line[last]!;
  for (let i = 1; i <= last; i += 1) {
    sum += power * (line[i]! + whole * line[last - i]!);
    power *= pole;
  }
  line[0] = (sum * pole) / (1 - whole * whole) + first;
  for (let i = 1; i <= last; i += 1) line[i]! += pole * line[i - 1]!;
  line[last]! *= pole / (pole - 1);
  for (let i = last - 1; i >= 0; i -= 1) line[i] = pole * (line[i + 1]! - line[i]!);
}

function weightsAt(x: number): readonly [number, number, number, number] {
  const y = 1 - x;
  return [y ** 3 / 6, (4 - 6 * x * x + 3 * x ** 3) / 6, (4 - 6 * y * y + 3 * y ** 3) / 6, x ** 3 / 6];
}

/**
 * The picture seen through `back`, which maps places of the result to places of the source; the result has the source's size. Cubic B-spline
 * interpolation with reflected edges, as SciPy's `affine_transform` does with `mode="reflect"`. It is here because published data sets were
 * made so; `warp` is the better choice otherwise.
 */
export function splineWarp(source: Image, back: Transform): Image {
  const { width, height, channels } = source;
  const planes = new Float64Array(source.data);
  const column = new Float64Array(height);
  const row = new Float64Array(width);
  for (let channel = 0; channel < channels; channel += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let y = 0; y < height; y += 1) column[y] = planes[(y * width + x) * channels + channel]!;
      toCoefficients(column);
      for (let y = 0; y < height; y += 1) planes[(y * width + x) * channels + channel] = column[y]!;
    }
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) row[x] = planes[(y * width + x) * channels + channel]!;
      toCoefficients(row);
      for (let x = 0; x < width; x += 1) planes[(y * width + x) * channels + channel] = row[x]!;
    }
  }
  const result = image(width, height, channels);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [fromX, fromY] = applyTransform(back, [x + 0.5, y + 0.5]);
      const [left, top] = [Math.floor(fromX - 0.5), Math.floor(fromY - 0.5)];
      const [across, down] = [weightsAt(fromX - 0.5 - left), weightsAt(fromY - 0.5 - top)];
      for (let channel = 0; channel < channels; channel += 1) {
        let sum = 0;
        for (let j = 0; j < 4; j += 1) {
          const start = reflected(top - 1 + j, height) * width;
          for (let i = 0; i < 4; i += 1)
            sum += down[j]! * across[i]! * planes[(start + reflected(left - 1 + i, width)) * channels + channel]!;
        }
        result.data[(y * width + x) * channels + channel] = Math.min(255, Math.max(0, Math.floor(sum + 0.5)));
      }
    }
  }
  return result;
}
