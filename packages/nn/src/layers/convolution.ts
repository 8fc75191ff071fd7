import { ProsoponError } from "@prosopon/errors";
import { conv, sizeOf, type Value, within } from "@prosopon/graph";
import type { Scope } from "../scope.ts";
import { fanInUniform, zeros } from "./fan-in.ts";

export interface ConvolutionLayerOptions {
  /** Number of output channels. */
  readonly outputs: number;
  /** Size along every axis, or one for each. */
  readonly kernel: number | readonly number[];
  readonly stride?: number | readonly number[];
  /** Zeros around: one number, one per axis, or the beginnings of all axes and then the ends; default 0. */
  readonly padding?: number | readonly number[];
  readonly dilation?: number | readonly number[];
  readonly groups?: number;
  /** Adds a bias; default true. */
  readonly bias?: boolean;
  /** Starts weight and bias at zero, so that the layer gives nothing at first; default false. */
  readonly zero?: boolean;
}

/**
 * Cross-correlation of [N, C, spatial...] to [N, outputs, spatial...], in as many spatial dimensions as x has. Parameters as
 * PyTorch's `Conv1d`, `Conv2d`, `Conv3d`: `weight` [outputs, C/groups, kernel...] and `bias` [outputs], both uniform in
 * ±1/sqrt(C/groups · kernel size) at the start.
 * @throws `bad-input` when groups do not divide the channels or a list has the wrong length.
 */
export function convolution(scope: Scope, x: Value, options: ConvolutionLayerOptions): Value {
  const { outputs, kernel, stride = 1, padding = 0, dilation = 1, groups = 1, bias = true, zero = false } = options;
  const rank = x.shape.length - 2;
  const channels = x.shape[1] ?? 0;
  const fail = (message: string) =>
    new ProsoponError("bad-input", `Convolution "${scope.prefix}": ${message}`, {
      values: { shape: x.shape, options },
    });
  if (rank < 1) throw fail(`[${x.shape}] has no spatial axis.`);
  if (channels % groups !== 0 || outputs % groups !== 0)
    throw fail(`${groups} groups do not divide ${channels} input and ${outputs} output channels.`);
  const each = (given: number | readonly number[], what: string, lengths: readonly number[] = [rank]) => {
    const list = typeof given === "number" ? new Array<number>(rank).fill(given) : given;
    if (!lengths.includes(list.length)) throw fail(`${what} [${list}] does not fit ${rank} spatial axes.`);
    return list;
  };
  const size = each(kernel, "kernel");
  const sides = each(padding, "padding", [rank, 2 * rank]);
  const law = zero ? zeros : fanInUniform((channels / groups) * sizeOf(size));
  const weight = scope.parameter("weight", [outputs, channels / groups, ...size], law);
  const offset = bias ? scope.parameter("bias", [outputs], law) : undefined;
  return within(scope.graph, scope.prefix, () =>
    conv(x, weight, offset, {
      strides: each(stride, "stride"),
      pads: sides.length === rank ? [...sides, ...sides] : sides,
      dilations: each(dilation, "dilation"),
      groups,
    }),
  );
}

const ofRank =
  (rank: number) =>
  (scope: Scope, x: Value, options: ConvolutionLayerOptions): Value => {
    if (x.shape.length === rank + 2) return convolution(scope, x, options);
    throw new ProsoponError(
      "bad-input",
      `Convolution "${scope.prefix}" wants ${rank} spatial axes, but x is [${x.shape}].`,
      { values: { shape: x.shape } },
    );
  };

/** `convolution` of [N, C, L]. */
export const conv1d = ofRank(1);
/** `convolution` of [N, C, H, W]. */
export const conv2d = ofRank(2);
/** `convolution` of [N, C, D, H, W]. */
export const conv3d = ofRank(3);
