import { ProsoponError } from "@prosopon/errors";
import { checkPair, type ImagePair } from "./image-pair.ts";
import { meanMetric } from "./mean-metric.ts";
import type { Metric } from "./metric.ts";
import type { Summary } from "./summary.ts";

export interface SsimOptions {
  /**
   * First shrink by averaging blocks of max(1, round(shorter side / 256)) pixels, as `ssim.m` of 2011 and piq do: nothing changes up to
   * 383 pixels. Default false.
   */
  readonly downsample?: boolean;
}

interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float64Array;
}

const size = 11;
const sigma = 1.5;
const window = (() => {
  const bell = Array.from({ length: size }, (_, i) => Math.exp(-((i - (size - 1) / 2) ** 2) / (2 * sigma ** 2)));
  const total = bell.reduce((a, b) => a + b, 0);
  return bell.map((value) => value / total);
})();

/** Weighted means over every window that lies inside. */
function blurred({ width, height, data }: Plane): Plane {
  const [w, h] = [width - size + 1, height - size + 1];
  const rows = new Float64Array(w * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < w; x++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += window[k]! * data[y * width + x + k]!;
      rows[y * w + x] = sum;
    }
  const result = new Float64Array(w * h);
  for (let i = 0; i < result.length; i++) {
    let sum = 0;
    for (let k = 0; k < size; k++) sum += window[k]! * rows[i + k * w]!;
    result[i] = sum;
  }
  return { width: w, height: h, data: result };
}

/** Means of blocks; rows and columns that fill no block are left out. */
function shrunk({ width, height, data }: Plane, factor: number): Plane {
  const [w, h] = [Math.floor(width / factor), Math.floor(height / factor)];
  const result = new Float64Array(w * h);
  for (let y = 0; y < h * factor; y++)
    for (let x = 0; x < w * factor; x++)
      result[Math.floor(y / factor) * w + Math.floor(x / factor)]! += data[y * width + x]! / factor ** 2;
  return { width: w, height: h, data: result };
}

const product = (a: Plane, b: Plane): Plane => ({ ...a, data: a.data.map((value, i) => value * b.data[i]!) });

/** Mean SSIM of two planes of 0..255: Eq. 13 of Wang et al. 2004 with population covariance. */
function similarity(x: Plane, y: Plane): number {
  const [C1, C2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
  const [μx, μy, xx, yy, xy] = [x, y, product(x, x), product(y, y), product(x, y)].map((p) => blurred(p).data);
  let sum = 0;
  for (let i = 0; i < μx!.length; i++) {
    const [a, b] = [μx![i]!, μy![i]!];
    const σx2 = xx![i]! - a * a;
    const σy2 = yy![i]! - b * b;
    const σxy = xy![i]! - a * b;
    sum += ((2 * a * b + C1) * (2 * σxy + C2)) / ((a * a + b * b + C1) * (σx2 + σy2 + C2));
  }
  return sum / μx!.length;
}

/**
 * Structural similarity (Wang et al. 2004), at most 1: Gaussian window 11 x 11 with sigma 1.5, K1 0.01, K2 0.03, only windows inside
 * the image, the mean over places and then over channels. @throws `bad-input` below 11 pixels, too.
 */
export function structuralSimilarity(pair: ImagePair, { downsample = false }: SsimOptions = {}): number {
  checkPair(pair);
  const { width, height, channels } = pair.reference;
  const factor = downsample ? Math.max(1, Math.round(Math.min(width, height) / 256)) : 1;
  if (Math.min(width, height) / factor < size)
    throw new ProsoponError("bad-input", `${width} x ${height} pixels are less than SSIM's window of ${size}.`, {
      values: { width, height },
    });
  const plane = (data: Uint8Array, channel: number): Plane => {
    const whole = {
      width,
      height,
      data: Float64Array.from({ length: width * height }, (_, i) => data[i * channels + channel]!),
    };
    return factor === 1 ? whole : shrunk(whole, factor);
  };
  let sum = 0;
  for (let c = 0; c < channels; c++) sum += similarity(plane(pair.reference.data, c), plane(pair.image.data, c));
  return sum / channels;
}

/** `structuralSimilarity`, the mean over the pairs. */
export const ssim = ({ downsample = false }: SsimOptions = {}): Metric<ImagePair, Summary> =>
  meanMetric({
    name: "ssim",
    protocol: `SSIM, Gaussian window 11 x 11, sigma 1.5, K1 0.01, K2 0.03, valid windows${downsample ? ", block means to about 256 pixels first" : ""}, mean over places, channels and images.`,
    score: (pair) => structuralSimilarity(pair, { downsample }),
  });
