import { constant } from "../constant.ts";
import type { Value } from "../graph.ts";
import { sizeOf, tensor } from "../make-tensor.ts";
import { conv, convTranspose } from "../ops/convolution.ts";
import { matMul } from "../ops/matrix.ts";
import { pad, reshape, transpose } from "../ops/movement.ts";
import type { Sliding } from "./convolution.ts";

/** Reverses the last axis of [rows, n] by a product with a permutation, the fastest way the runtime has. */
function reversed(x: Value, n: number): Value {
  if (n === 1) return x;
  const permutation = Array.from({ length: n * n }, (_, i) => (Math.floor(i / n) + (i % n) === n - 1 ? 1 : 0));
  return matMul(x, constant(x.graph, tensor(x.dtype, [n, n], permutation)));
}

/**
 * Gradient of a convolution's input [N, C, spatial...], given that of its output `g` [N, F, ...] and the weights
 * [F, C/groups, kernel...]: with stride 1 a convolution with the kernels turned round, else a transposed one.
 */
export function convolutionInputGradient(g: Value, w: Value, shape: readonly number[], sliding: Sliding): Value {
  const { kernel, strides, dilations, pads, ends, groups } = sliding;
  const n = kernel.length;
  const taps = sizeOf(kernel);
  const [f, channels] = [w.shape[0]!, w.shape[1]!];
  const plain = strides.every((s) => s === 1);
  if (taps === 1 && plain && groups === 1 && [...pads, ...ends].every((p) => p === 0)) {
    const flat = reshape(g, [g.shape[0]!, f, sizeOf(g.shape.slice(2))]);
    return reshape(matMul(transpose(reshape(w, [f, channels]), [1, 0]), flat), shape);
  }
  if (!plain || taps > 256) {
    const extra = kernel.map((k, i) => {
      const reach = (k - 1) * dilations[i]! + 1;
      return shape[i + 2]! - ((g.shape[i + 2]! - 1) * strides[i]! + reach - pads[i]! - ends[i]!);
    });
    return convTranspose(g, w, undefined, {
      strides,
      dilations,
      pads: [...pads, ...ends],
      groups,
      ...(extra.some((e) => e > 0) ? { outputPadding: extra } : {}),
    });
  }
  const turned = reversed(reshape(w, [f * channels, taps]), taps);
  const swapped = transpose(reshape(turned, [groups, f / groups, channels, taps]), [0, 2, 1, 3]);
  const around = [...pads, ...ends].map((p, i) => (kernel[i % n]! - 1) * dilations[i % n]! - p);
  // Padding wider than the kernel's reach only saw zeros: that part of the gradient is cut off.
  const cut = (part: readonly number[]) => [0, 0, ...part.map((p) => Math.min(p, 0))];
  const cropped = pad(g, [...cut(around.slice(0, n)), ...cut(around.slice(n))]);
  return conv(cropped, reshape(swapped, [groups * channels, f / groups, ...kernel]), undefined, {
    dilations,
    groups,
    pads: around.map((p) => Math.max(p, 0)),
  });
}
