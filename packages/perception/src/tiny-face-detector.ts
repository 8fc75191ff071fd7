import { conv, leakyRelu, maxPool, mul, sub, type Value } from "@prosopon/graph";
import type { Scope } from "@prosopon/nn";
import { channelMean } from "./channel-mean.ts";
import { samePadding } from "./same-padding.ts";

const filters = [16, 32, 64, 128, 256, 512];

/** Weights are loaded, never drawn. */
const loaded = { kind: "constant", value: 0 } as const;

/**
 * The tiny face detector of face-api (a Tiny YOLO v2 of separable convolutions): [1, 3, S, S] RGB 0..255 -> [1, 25, n, n]:
 * for each of five anchors x, y, width, height and score, before their squashing; see `facesOf`.
 */
export function tinyFaceDetector(scope: Scope, image: Value): Value {
  let x = mul(sub(image, channelMean(image, [117.001, 114.697, 97.404])), 1 / 255);
  filters.forEach((out, i) => {
    const at = scope.at(`conv${i}`);
    const channels = x.shape[1]!;
    const bias = at.parameter("bias", [out], loaded);
    if (i === 0) x = conv(x, at.parameter("weight", [out, 3, 3, 3], loaded), bias);
    else {
      x = conv(x, at.parameter("depthwise.weight", [channels, 1, 3, 3], loaded), undefined, {
        pads: [1, 1, 1, 1],
        groups: channels,
      });
      x = conv(x, at.parameter("pointwise.weight", [out, channels, 1, 1], loaded), bias);
    }
    x = leakyRelu(x, 0.1);
    const stride = i === filters.length - 1 ? 1 : 2;
    x = maxPool(x, { kernel: [2, 2], strides: [stride, stride], pads: samePadding(x.shape.slice(2), 2, stride) });
  });
  const last = scope.at("conv8");
  return conv(x, last.parameter("weight", [25, 512, 1, 1], loaded), last.parameter("bias", [25], loaded));
}
