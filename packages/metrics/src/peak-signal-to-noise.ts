import { ProsoponError } from "@prosopon/errors";
import { checkPair, type ImagePair } from "./image-pair.ts";
import { meanMetric } from "./mean-metric.ts";
import type { Metric } from "./metric.ts";
import type { Summary } from "./summary.ts";

export interface PsnrOptions {
  /**
   * Added to the mean squared error of values in 0..1. 0 (default): identical images give Infinity. 1e-8, as the library piq does and
   * with it the thesis: they give 80 dB.
   */
  readonly epsilon?: number;
}

/** Peak signal-to-noise ratio in decibels: 10 log10(1 / (MSE + epsilon)) over all values, 0..255 taken as 0..1. @throws `bad-input` */
export function peakSignalToNoise(pair: ImagePair, { epsilon = 0 }: PsnrOptions = {}): number {
  checkPair(pair);
  if (!(epsilon >= 0))
    throw new ProsoponError("bad-input", `An epsilon of ${epsilon} is not 0 or more.`, { values: { epsilon } });
  const [a, b] = [pair.reference.data, pair.image.data];
  // Whole numbers: the sum is exact below 2^53, that is up to 138 thousand million values.
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return -10 * Math.log10(sum / (a.length * 255 ** 2) + epsilon);
}

/** `peakSignalToNoise`, the mean over the pairs. */
export const psnr = ({ epsilon = 0 }: PsnrOptions = {}): Metric<ImagePair, Summary> =>
  meanMetric({
    name: "psnr",
    protocol: `PSNR in dB, 10 log10(1 / ${epsilon ? `(MSE + ${epsilon})` : "MSE"}) of 8-bit values as 0..1, mean over images.`,
    score: (pair) => peakSignalToNoise(pair, { epsilon }),
  });
