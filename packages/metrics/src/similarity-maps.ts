import type { Plane } from "./colour-planes.ts";

/** A window's weights along one axis; the window is their outer product. They sum to 1. */
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
  const size = window.length;
  const [w, h] = [width - size + 1, height - size + 1];
  const [C1, C2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
  // Sums along rows of x, y, x², y², xy, side by side.
  const rows = new Float64Array(5 * w * height);
  const [a, b] = [x.data, y.data];
  for (let row = 0, at = 0; row < height; row++)
    for (let column = 0; column < w; column++, at += 5) {
      let [sx, sy, sxx, syy, sxy] = [0, 0, 0, 0, 0];
      const from = row * width + column;
      for (let k = 0; k < size; k++) {
        const weight = window[k]!;
        const p = a[from + k]!;
        const q = b[from + k]!;
        const wp = weight * p;
        const wq = weight * q;
        sx += wp;
        sy += wq;
        sxx += wp * p;
        syy += wq * q;
        sxy += wp * q;
      }
      rows[at] = sx;
      rows[at + 1] = sy;
      rows[at + 2] = sxx;
      rows[at + 3] = syy;
      rows[at + 4] = sxy;
    }
  let [similarity, contrast] = [0, 0];
  const stride = 5 * w;
  for (let place = 0; place < w * h; place++) {
    let [μx, μy, xx, yy, xy] = [0, 0, 0, 0, 0];
    for (let k = 0, at = 5 * place; k < size; k++, at += stride) {
      const weight = window[k]!;
      μx += weight * rows[at]!;
      μy += weight * rows[at + 1]!;
      xx += weight * rows[at + 2]!;
      yy += weight * rows[at + 3]!;
      xy += weight * rows[at + 4]!;
    }
    const σx2 = bias * (xx - μx * μx);
    const σy2 = bias * (yy - μy * μy);
    const σxy = bias * (xy - μx * μy);
    const cs = (2 * σxy + C2) / (σx2 + σy2 + C2);
    contrast += cs;
    similarity += (cs * (2 * μx * μy + C1)) / (μx * μx + μy * μy + C1);
  }
  return { similarity: similarity / (w * h), contrast: contrast / (w * h) };
}

/** Means of blocks; rows and columns that fill no block are left out. */
export function blockMeans({ width, height, data }: Plane, factor: number): Plane {
  const [w, h] = [Math.floor(width / factor), Math.floor(height / factor)];
  const result = new Float64Array(w * h);
  for (let y = 0; y < h * factor; y++)
    for (let x = 0; x < w * factor; x++)
      result[Math.floor(y / factor) * w + Math.floor(x / factor)]! += data[y * width + x]! / factor ** 2;
  return { width: w, height: h, data: result };
}
