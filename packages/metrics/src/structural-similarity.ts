import { ProsoponError } from "@prosopon/errors";
import { type ColourPlanes, planesOf } from "./colour-planes.ts";
import { checkPair, type ImagePair } from "./image-pair.ts";
import { meanMetric } from "./mean-metric.ts";
import type { Metric } from "./metric.ts";
import { blockMeans, gaussianWindow, similarityMeans, uniformWindow } from "./similarity-maps.ts";
import type { Summary } from "./summary.ts";

export interface SsimOptions {
  /**
   * First shrink by averaging blocks of max(1, round(shorter side / 256)) pixels, as `ssim.m` of 2011 and piq do: nothing changes up to
   * 383 pixels. Default false.
   */
  readonly downsample?: boolean;
  /** `gaussian`: 11 x 11 with sigma 1.5, as Wang et al., MATLAB, IPOL and piq (default). `uniform`: 7 x 7, scikit-image's default. */
  readonly window?: "gaussian" | "uniform";
  /** Default `population` with the Gaussian window, `sample` with the uniform one: what their programs do. */
  readonly covariance?: "population" | "sample";
  /** Default `channels`, the mean over channels. */
  readonly colour?: ColourPlanes;
}

const windows = {
  gaussian: { weights: gaussianWindow(11, 1.5), note: "Gaussian window 11 x 11, sigma 1.5", covariance: "population" },
  uniform: { weights: uniformWindow(7), note: "uniform window 7 x 7", covariance: "sample" },
} as const;

/**
 * Structural similarity (Wang et al. 2004), at most 1: K1 0.01, K2 0.03, only windows inside the image, the mean over places and then over
 * channels. @throws `bad-input` below the size of the window, too.
 */
export function structuralSimilarity(pair: ImagePair, options: SsimOptions = {}): number {
  checkPair(pair);
  const { downsample = false, window = "gaussian", colour = "channels" } = options;
  const { weights, covariance: usual } = windows[window];
  const { width, height } = pair.reference;
  const factor = downsample ? Math.max(1, Math.round(Math.min(width, height) / 256)) : 1;
  const size = weights.length;
  if (Math.floor(Math.min(width, height) / factor) < size)
    throw new ProsoponError("bad-input", `${width} x ${height} pixels are less than SSIM's window of ${size}.`, {
      values: { width, height },
    });
  const n = size ** 2;
  const bias = (options.covariance ?? usual) === "sample" ? n / (n - 1) : 1;
  const [x, y] = [pair.reference, pair.image].map((image) =>
    planesOf(image, colour).map((plane) => (factor === 1 ? plane : blockMeans(plane, factor))),
  );
  const values = x!.map((plane, c) => similarityMeans(plane, y![c]!, weights, bias).similarity);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** `structuralSimilarity`, the mean over the pairs. */
export const ssim = (options: SsimOptions = {}): Metric<ImagePair, Summary> => {
  const { downsample = false, window = "gaussian", colour = "channels" } = options;
  const { note, covariance: usual } = windows[window];
  const what = { channels: "", luma: " of BT.601 luma", mean: " of the channels' mean" }[colour];
  return meanMetric({
    name: "ssim",
    protocol: `SSIM${what}, ${note}, ${options.covariance ?? usual} covariance, K1 0.01, K2 0.03, valid windows${downsample ? ", block means to about 256 pixels first" : ""}, mean over places, channels and images.`,
    score: (pair) => structuralSimilarity(pair, options),
  });
};
