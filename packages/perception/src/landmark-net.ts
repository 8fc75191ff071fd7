import { add, averagePool, conv, gemm, mul, relu, reshape, sub, type Value } from "@prosopon/graph";
import type { Scope } from "@prosopon/nn";
import { channelMean } from "./channel-mean.ts";
import { samePadding } from "./same-padding.ts";

const loaded = { kind: "constant", value: 0 } as const;

function separable(scope: Scope, x: Value, out: number, stride: number): Value {
  const channels = x.shape[1]!;
  const depthwise = conv(x, scope.parameter("depthwise.weight", [channels, 1, 3, 3], loaded), undefined, {
    strides: [stride, stride],
    pads: samePadding(x.shape.slice(2), 3, stride),
    groups: channels,
  });
  return conv(
    depthwise,
    scope.parameter("pointwise.weight", [out, channels, 1, 1], loaded),
    scope.parameter("bias", [out], loaded),
  );
}

/** Four convolutions, each fed the sum of all before it. */
function denseBlock(scope: Scope, x: Value, out: number, first: boolean): Value {
  const c0 = scope.at("conv0");
  let sum = relu(
    first
      ? conv(x, c0.parameter("weight", [out, 3, 3, 3], loaded), c0.parameter("bias", [out], loaded), {
          strides: [2, 2],
          pads: samePadding(x.shape.slice(2), 3, 2),
        })
      : separable(c0, x, out, 2),
  );
  let fed = sum;
  for (const name of ["conv1", "conv2", "conv3"]) {
    sum = add(sum, separable(scope.at(name), fed, out, 1));
    fed = relu(sum);
  }
  return fed;
}

/**
 * The 68-landmark network of face-api: [N, 3, 112, 112] RGB 0..255, a face box padded to a square with black, centred ->
 * [N, 136]: x0, y0, x1, y1, ... as fractions of the square, iBUG order.
 */
export function landmarkNet(scope: Scope, image: Value): Value {
  let x = mul(sub(image, channelMean(image, [122.782, 117.001, 104.298])), 1 / 255);
  [32, 64, 128, 256].forEach((out, i) => {
    x = denseBlock(scope.at(`dense${i}`), x, out, i === 0);
  });
  x = averagePool(x, { kernel: [7, 7], strides: [2, 2] });
  const fc = scope.at("fc");
  return gemm(
    reshape(x, [x.shape[0]!, 256]),
    fc.parameter("weight", [256, 136], loaded),
    fc.parameter("bias", [136], loaded),
  );
}
