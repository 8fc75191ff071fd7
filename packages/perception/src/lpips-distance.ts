import {
  add,
  constant,
  conv,
  div,
  reduceMean,
  reduceSum,
  reshape,
  sqrt,
  square,
  sub,
  tensor,
  type Value,
} from "@prosopon/graph";
import type { Scope } from "@prosopon/nn";
import { channelMean } from "./channel-mean.ts";
import { type LpipsTrunk, lpipsTrunk } from "./lpips-trunk.ts";

const shift = [-0.03, -0.088, -0.188];
const scale = [0.458, 0.448, 0.45];

/** Every place's channels divided by their Euclidean length. */
const unitPlaces = (x: Value): Value => div(x, add(sqrt(reduceSum(square(x), { axes: [1], keep: true })), 1e-10));

/**
 * LPIPS version 0.1 (Zhang et al. 2018; Eq. 4.11 of the thesis) of images [N, 3, H, W] in [-1, 1] -> [N]. Parameters: the trunk's by torchvision's
 * names, the heads' by those of the package lpips, `lin0.model.1.weight` and so on. Differentiable by both images, but where all channels of a place
 * are 0, as the original.
 */
export function lpipsDistance(scope: Scope, a: Value, b: Value, trunk: LpipsTrunk): Value {
  const spread = constant(scope.graph, tensor("float32", [1, 3, 1, 1], scale));
  const [one, other] = [a, b].map((image) =>
    lpipsTrunk(scope, div(sub(image, channelMean(image, shift)), spread), trunk),
  );
  const terms = one!.map((stage, i) => {
    const difference = square(sub(unitPlaces(stage), unitPlaces(other![i]!)));
    const weight = scope.parameter(`lin${i}.model.1.weight`, [1, stage.shape[1]!, 1, 1], {
      kind: "constant",
      value: 0,
    });
    return reduceMean(conv(difference, weight), { axes: [2, 3], keep: true });
  });
  return reshape(
    terms.reduce((sum, term) => add(sum, term)),
    [a.shape[0]!],
  );
}

/**
 * A perceptual distance by any expert's stages, where no LPIPS trunk is to be had: as LPIPS, but every channel weighs the same: the squared
 * difference of unit-length channels, mean over places, sum over stages. Stages are features of rank 4. -> [N], 0 for the same image, at most 4 a stage.
 */
export function stageDistance(one: readonly Value[], other: readonly Value[]): Value {
  const terms = one.flatMap((stage, i) =>
    stage.shape.length === 4
      ? [
          reduceMean(reduceSum(square(sub(unitPlaces(stage), unitPlaces(other[i]!))), { axes: [1], keep: true }), {
            axes: [2, 3],
            keep: true,
          }),
        ]
      : [],
  );
  return reshape(
    terms.reduce((sum, term) => add(sum, term)),
    [one[0]!.shape[0]!],
  );
}
