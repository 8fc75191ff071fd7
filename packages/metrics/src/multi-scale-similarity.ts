import { ProsoponError } from "@prosopon/errors";
import { type ColourPlanes, type Plane, planesOf } from "./colour-planes.ts";
import { checkPair, type ImagePair } from "./image-pair.ts";
import { meanMetric } from "./mean-metric.ts";
import type { Metric } from "./metric.ts";
import { blockMeans, gaussianWindow, similarityMeans } from "./similarity-maps.ts";
import type { Summary } from "./summary.ts";

export interface MultiScaleOptions {
  /**
   * Weight of each scale, the finest first; default the five of the paper, 0.0448, 0.2856, 0.3001, 0.2363, 0.1333, which need sides of 161
   * pixels. For 128 x 128 give the first four, divided by their sum.
   */
  readonly weights?: readonly number[];
  readonly colour?: ColourPlanes;
}

const paper = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333] as const;
const window = gaussianWindow(11, 1.5);

/** Halves a plane by means of 2 x 2; where a side is odd, the first row and column are doubled first, as piq does. */
function halved(plane: Plane): Plane {
  const padding = plane.width % 2 || plane.height % 2;
  if (!padding) return blockMeans(plane, 2);
  const [width, height] = [plane.width + 1, plane.height + 1];
  const data = new Float64Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      data[y * width + x] = plane.data[Math.max(0, y - 1) * plane.width + Math.max(0, x - 1)]!;
  return blockMeans({ width, height, data }, 2);
}

/**
 * Multi-scale structural similarity (Wang, Simoncelli and Bovik 2003) as piq computes it: contrast and structure of each scale and the
 * luminance of the coarsest, negative values as 0, each to the power of its weight. @throws `bad-input` for images too small for the scales.
 */
export function multiScaleSimilarity(
  pair: ImagePair,
  { weights = paper, colour = "channels" }: MultiScaleOptions = {},
): number {
  checkPair(pair);
  const { width, height } = pair.reference;
  const least = (window.length - 1) * 2 ** (weights.length - 1) + 1;
  if (weights.length === 0 || !weights.every((w) => w >= 0) || Math.min(width, height) < least)
    throw new ProsoponError(
      "bad-input",
      `${width} x ${height} pixels are too few for MS-SSIM of ${weights.length} scales.`,
      {
        values: { width, height, scales: weights.length, least },
        mend: `Give ${least} pixels or more, or fewer weights.`,
      },
    );
  const [xs, ys] = [planesOf(pair.reference, colour), planesOf(pair.image, colour)];
  const values = xs.map((plane, c) => {
    let [x, y] = [plane, ys[c]!];
    return weights.reduce((product, weight, scale) => {
      if (scale > 0) [x, y] = [halved(x), halved(y)];
      const { similarity, contrast } = similarityMeans(x, y, window);
      return product * Math.max(0, scale === weights.length - 1 ? similarity : contrast) ** weight;
    }, 1);
  });
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** `multiScaleSimilarity`, the mean over the pairs. */
export const msSsim = (options: MultiScaleOptions = {}): Metric<ImagePair, Summary> =>
  meanMetric({
    name: "ms-ssim",
    protocol: `MS-SSIM of ${(options.weights ?? paper).length} scales with weights ${(options.weights ?? paper).join(", ")}, Gaussian window 11 x 11, sigma 1.5, mean over channels and images.`,
    score: (pair) => multiScaleSimilarity(pair, options),
  });
