import { apply1 } from "../apply.ts";
import type { Attributes, Value } from "../graph.ts";

export interface ConvolutionOptions {
  readonly strides?: readonly number[];
  /** Begin paddings of every spatial axis, then the end ones. */
  readonly pads?: readonly number[];
  readonly dilations?: readonly number[];
  readonly groups?: number;
}

function attributesOf(x: Value, w: Value, { strides, pads, dilations, groups = 1 }: ConvolutionOptions): Attributes {
  const n = x.shape.length - 2;
  return {
    kernel_shape: w.shape.slice(2),
    strides: strides ?? new Array<number>(n).fill(1),
    pads: pads ?? new Array<number>(2 * n).fill(0),
    dilations: dilations ?? new Array<number>(n).fill(1),
    group: groups,
  };
}

/** Cross-correlation of [N, C, spatial...] with weights [F, C/groups, kernel...] and bias [F]; 1-D, 2-D and 3-D. */
export const conv = (x: Value, w: Value, b?: Value, options: ConvolutionOptions = {}): Value =>
  apply1(x.graph, "Conv", b ? [x, w, b] : [x, w], attributesOf(x, w, options));

export interface ConvTransposeOptions extends ConvolutionOptions {
  readonly outputPadding?: readonly number[];
}

/** Transposed convolution of [N, C, spatial...] with weights [C, F/groups, kernel...]. */
export const convTranspose = (x: Value, w: Value, b?: Value, options: ConvTransposeOptions = {}): Value =>
  apply1(x.graph, "ConvTranspose", b ? [x, w, b] : [x, w], {
    ...attributesOf(x, w, options),
    ...(options.outputPadding ? { output_padding: options.outputPadding } : {}),
  });

export interface PoolOptions {
  readonly kernel: readonly number[];
  readonly strides?: readonly number[];
  readonly pads?: readonly number[];
  readonly ceil?: boolean;
}

const poolAttributes = ({ kernel, strides, pads, ceil = false }: PoolOptions): Attributes => ({
  kernel_shape: kernel,
  strides: strides ?? kernel,
  pads: pads ?? new Array<number>(2 * kernel.length).fill(0),
  ceil_mode: ceil ? 1 : 0,
});

export const maxPool = (x: Value, options: PoolOptions): Value =>
  apply1(x.graph, "MaxPool", [x], poolAttributes(options));

/** Mean over windows; `includePad` counts padding as zeros (default false). */
export const averagePool = (x: Value, options: PoolOptions & { readonly includePad?: boolean }): Value =>
  apply1(x.graph, "AveragePool", [x], { ...poolAttributes(options), count_include_pad: options.includePad ? 1 : 0 });

/** Mean over all spatial axes, kept with size 1. */
export const globalAveragePool = (x: Value): Value => apply1(x.graph, "GlobalAveragePool", [x]);
