import type { Plane } from "./colour-planes.ts";

/** A window's weights along one axis, the same from either end; the window is their outer product. They sum to 1. */
export type Window = readonly number[];

export function gaussianWindow(size: number, sigma: number): Window {
  const bell = Array.from({ length: size }, (_, i) => Math.exp(-((i - (size - 1) / 2) ** 2) / (2 * sigma ** 2)));
  const total = bell.reduce((a, b) => a + b, 0);
  return bell.map((value) => value / total);
}

export const uniformWindow = (size: number): Window => new Array<number>(size).fill(1 / size);

export interface SimilarityMeans {
  /** Mean of the similarity over all places. */
  readonly similarity: number;
  /** Mean of its contrast and structure part alone. */
  readonly contrast: number;
}

/**
 * Means of Eq. 13 of Wang et al. 2004 over the windows that lie inside, K1 0.01, K2 0.03, of planes of 0..255. `bias` is what covariances are
 * multiplied by: 1 of the population, n / (n - 1) of the sample.
 */
export function similarityMeans(x: Plane, y: Plane, window: Window, bias = 1): SimilarityMeans {
  const { width, height } = x;
  const count = width * height;
  const [squares, products] = [new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < count; i++) {
    const p = x.data[i]!;
    const q = y.data[i]!;
    // Only the sum of the two variances is wanted, so one blur is enough for both.
    squares[i] = p * p + q * q;
    products[i] = p * q;
  }
  const [w, h] = [width - window.length + 1, height - window.length + 1];
  const pass: Pass = window.length === 11 ? weighEleven : weigh;
  const across = [x.data, y.data, squares, products].map((data) => {
    const rows = new Float64Array(w * height);
    for (let row = 0; row < height; row++) pass(data, row * width, 1, rows, row * w, w, window);
    return rows;
  });
  const [mx, my, both, cross] = across.map(() => new Float64Array(w)) as Four;
  const [C1, C2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
  let [similarity, contrast] = [0, 0];
  for (let row = 0; row < h; row++) {
    pass(across[0]!, row * w, w, mx, 0, w, window);
    pass(across[1]!, row * w, w, my, 0, w, window);
    pass(across[2]!, row * w, w, both, 0, w, window);
    pass(across[3]!, row * w, w, cross, 0, w, window);
    for (let i = 0; i < w; i++) {
      const μx = mx[i]!;
      const μy = my[i]!;
      const μ2 = μx * μx + μy * μy;
      const cs = (2 * bias * (cross[i]! - μx * μy) + C2) / (bias * (both[i]! - μ2) + C2);
      contrast += cs;
      similarity += (cs * (2 * μx * μy + C1)) / (μ2 + C1);
    }
  }
  return { similarity: similarity / (w * h), contrast: contrast / (w * h) };
}

type Four = [Float64Array, Float64Array, Float64Array, Float64Array];

/** out[i] = Σ window[k] a[i + k · stride], for `count` places. A window is its own mirror image, so its ends are added before they are weighed. */
type Pass = (
  a: Float64Array,
  from: number,
  stride: number,
  out: Float64Array,
  to: number,
  count: number,
  window: Window,
) => void;

const weigh: Pass = (a, from, stride, out, to, count, window) => {
  const last = window.length - 1;
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let k = 0; 2 * k < last; k++)
      sum += window[k]! * (a[from + i + k * stride]! + a[from + i + (last - k) * stride]!);
    out[to + i] = last % 2 ? sum : sum + window[last / 2]! * a[from + i + (last / 2) * stride]!;
  }
};

/** The same of eleven weights, written out: faster. */
const weighEleven: Pass = (a, from, stride, out, to, count, window) => {
  const [w0, w1, w2, w3, w4, w5] = window as readonly [number, number, number, number, number, number];
  const end = from + count;
  for (let i = from, o = to; i < end; i++, o++) {
    const i5 = i + 5 * stride;
    const i10 = i5 + 5 * stride;
    out[o] =
      w0 * (a[i]! + a[i10]!) +
      w1 * (a[i + stride]! + a[i10 - stride]!) +
      w2 * (a[i + 2 * stride]! + a[i10 - 2 * stride]!) +
      w3 * (a[i5 - 2 * stride]! + a[i5 + 2 * stride]!) +
      w4 * (a[i5 - stride]! + a[i5 + stride]!) +
      w5 * a[i5]!;
  }
};

/** Means of blocks; rows and columns that fill no block are left out. */
export function blockMeans({ width, height, data }: Plane, factor: number): Plane {
  const [w, h] = [Math.floor(width / factor), Math.floor(height / factor)];
  const result = new Float64Array(w * h);
  for (let y = 0; y < h * factor; y++)
    for (let x = 0; x < w * factor; x++)
      result[Math.floor(y / factor) * w + Math.floor(x / factor)]! += data[y * width + x]! / factor ** 2;
  return { width: w, height: h, data: result };
}
