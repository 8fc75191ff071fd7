import { concat, maxPool, relu, type Value } from "@prosopon/graph";
import { conv2d, type Scope } from "@prosopon/nn";

/** The networks whose activations LPIPS compares, as in torchvision: AlexNet, VGG-16, SqueezeNet 1.1. */
export type LpipsTrunk = "alex" | "vgg" | "squeeze";

type Step = (features: Scope, x: Value) => Value;

const convolved =
  (index: number, outputs: number, kernel = 3, stride = 1, padding = 1): Step =>
  (features, x) =>
    relu(conv2d(features.at(index), x, { outputs, kernel, stride, padding }));

const pooled =
  (kernel: number, ceil = false): Step =>
  (_, x) =>
    maxPool(x, { kernel: [kernel, kernel], strides: [2, 2], ceil });

const fire =
  (index: number, squeeze: number, expand: number): Step =>
  (features, x) => {
    const at = features.at(index);
    const narrow = relu(conv2d(at.at("squeeze"), x, { outputs: squeeze, kernel: 1 }));
    return concat(
      [
        relu(conv2d(at.at("expand1x1"), narrow, { outputs: expand, kernel: 1 })),
        relu(conv2d(at.at("expand3x3"), narrow, { outputs: expand, kernel: 3, padding: 1 })),
      ],
      1,
    );
  };

// A list for each stage; a convolution is named by its place in torchvision's `features`.
const stages: Readonly<Record<LpipsTrunk, readonly (readonly Step[])[]>> = {
  alex: [
    [convolved(0, 64, 11, 4, 2)],
    [pooled(3), convolved(3, 192, 5, 1, 2)],
    [pooled(3), convolved(6, 384)],
    [convolved(8, 256)],
    [convolved(10, 256)],
  ],
  vgg: [
    [convolved(0, 64), convolved(2, 64)],
    [pooled(2), convolved(5, 128), convolved(7, 128)],
    [pooled(2), convolved(10, 256), convolved(12, 256), convolved(14, 256)],
    [pooled(2), convolved(17, 512), convolved(19, 512), convolved(21, 512)],
    [pooled(2), convolved(24, 512), convolved(26, 512), convolved(28, 512)],
  ],
  squeeze: [
    [convolved(0, 64, 3, 2, 0)],
    [pooled(3, true), fire(3, 16, 64), fire(4, 16, 64)],
    [pooled(3, true), fire(6, 32, 128), fire(7, 32, 128)],
    [pooled(3, true), fire(9, 48, 192)],
    [fire(10, 48, 192)],
    [fire(11, 64, 256)],
    [fire(12, 64, 256)],
  ],
};

/** Least side of an image that reaches the last stage. */
export const lpipsLeastSide: Readonly<Record<LpipsTrunk, number>> = { alex: 31, vgg: 16, squeeze: 17 };

/**
 * Activations of the stages, fine to coarse, of images [N, 3, H, W] that are already scaled as ImageNet's.
 * Parameters by torchvision's names, `features.0.weight` and so on.
 */
export function lpipsTrunk(scope: Scope, image: Value, trunk: LpipsTrunk): readonly Value[] {
  const features = scope.at("features");
  let x = image;
  return stages[trunk].map((steps) => {
    for (const step of steps) x = step(features, x);
    return x;
  });
}
