import { apply1 } from "../apply.ts";
import type { Attributes } from "../graph.ts";
import { type ConvolutionOptions, type ConvTransposeOptions, conv, convTranspose } from "../ops/convolution.ts";
import { type GradientCase, type GradientCases, sample } from "./gradient-case.ts";

const forward = (x: readonly number[], w: readonly number[], options: ConvolutionOptions = {}): GradientCase =>
  sample([x, w, [w[0]!]], (a, b, c) => conv(a!, b!, c, options), { note: `[${x}] [${w}] ${JSON.stringify(options)}` });
const backward = (x: readonly number[], w: readonly number[], options: ConvTransposeOptions = {}): GradientCase =>
  sample([x, w, [w[1]! * (options.groups ?? 1)]], (a, b, c) => convTranspose(a!, b!, c, options), {
    note: `[${x}] [${w}] ${JSON.stringify(options)}`,
  });
const automatic = (op: string, x: readonly number[], w: readonly number[], attributes: Attributes): GradientCase =>
  sample([x, w], (a, b) => apply1(a!.graph, op, [a, b], attributes), { note: JSON.stringify(attributes) });

export const convolutionCases: GradientCases = {
  Conv: [
    forward([2, 2, 4, 3], [3, 2, 3, 3], { pads: [1, 1, 1, 1] }),
    forward([1, 2, 4, 3], [3, 2, 3, 3], { pads: [1, 1, 1, 1] }),
    forward([2, 1, 32, 32], [1, 1, 3, 3], { pads: [1, 1, 1, 1] }),
    forward([2, 3, 2, 3], [2, 3, 1, 1]),
    forward([1, 3, 2, 3], [2, 3, 1, 1]),
    forward([2, 1, 32, 32], [2, 1, 1, 1]),
    forward([2, 2, 5, 4], [2, 2, 3, 2]),
    forward([1, 2, 4, 4], [2, 2, 3, 3], { pads: [0, 2, 1, 3] }),
    forward([1, 2, 5, 5], [2, 2, 3, 3], { pads: [2, 2, 2, 2], dilations: [2, 2] }),
    forward([1, 1, 4, 4], [2, 1, 1, 1], { pads: [1, 0, 1, 0] }),
    forward([2, 2, 6, 6], [2, 2, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] }),
    forward([2, 2, 5, 4], [2, 2, 3, 3], { strides: [2, 2], pads: [0, 0, 1, 1] }),
    forward([1, 2, 6, 6], [2, 2, 4, 4], { strides: [2, 2], pads: [1, 1, 1, 1] }),
    forward([1, 2, 7, 5], [3, 2, 1, 1], { strides: [2, 2] }),
    forward([1, 4, 4, 4], [6, 2, 3, 3], { groups: 2, pads: [1, 1, 1, 1] }),
    forward([2, 3, 4, 4], [3, 1, 3, 3], { groups: 3, pads: [1, 1, 1, 1] }),
    forward([2, 3, 4, 4], [6, 1, 3, 3], { groups: 3, strides: [2, 2] }),
    forward([2, 2, 7], [3, 2, 3], { pads: [1, 1] }),
    forward([1, 2, 9], [2, 2, 4], { strides: [3], dilations: [2] }),
    forward([1, 2, 3, 4, 3], [2, 2, 3, 3, 3], { pads: [1, 1, 1, 1, 1, 1] }),
    forward([1, 1, 4, 4, 4], [2, 1, 2, 2, 2], { strides: [2, 2, 2] }),
    automatic("Conv", [1, 2, 5, 4], [2, 2, 3, 2], { auto_pad: "SAME_UPPER", strides: [2, 1] }),
    automatic("Conv", [1, 2, 5, 4], [2, 2, 3, 2], { auto_pad: "SAME_LOWER" }),
  ],
  ConvTranspose: [
    backward([2, 2, 3, 3], [2, 3, 4, 4], { strides: [2, 2], pads: [1, 1, 1, 1] }),
    backward([1, 2, 3, 2], [2, 2, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1], outputPadding: [1, 1] }),
    backward([1, 2, 3, 3], [2, 2, 3, 3], { pads: [1, 1, 1, 1] }),
    backward([1, 4, 3, 3], [4, 2, 3, 3], { groups: 2, strides: [2, 1] }),
    backward([2, 2, 4], [2, 2, 4], { strides: [2], pads: [1, 1] }),
    backward([1, 2, 2, 2, 2], [2, 2, 2, 2, 2], { strides: [2, 2, 2] }),
    automatic("ConvTranspose", [1, 2, 3, 3], [2, 2, 3, 3], { strides: [2, 2], output_shape: [6, 7] }),
    automatic("ConvTranspose", [1, 2, 3, 3], [2, 2, 3, 3], {
      strides: [2, 2],
      auto_pad: "SAME_UPPER",
      output_shape: [6, 6],
    }),
  ],
};
