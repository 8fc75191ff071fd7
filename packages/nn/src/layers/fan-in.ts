import type { Initializer } from "../scope.ts";

/**
 * PyTorch's default for linear and convolution weights and biases: uniform in ±1/sqrt(fan in).
 * (`kaiming_uniform_` with a = sqrt(5): bound = sqrt(6 / ((1 + a²) · fanIn)) = 1/sqrt(fanIn); He et al. 2015.)
 */
export const fanInUniform = (fanIn: number): Initializer => ({ kind: "uniform", bound: 1 / Math.sqrt(fanIn) });

/** Glorot and Bengio 2010: uniform in ±sqrt(6 / (fanIn + fanOut)); PyTorch's start for `MultiheadAttention`'s projections. */
export const glorotUniform = (fanIn: number, fanOut: number): Initializer => ({
  kind: "uniform",
  bound: Math.sqrt(6 / (fanIn + fanOut)),
});

export const zeros: Initializer = { kind: "constant", value: 0 };
export const ones: Initializer = { kind: "constant", value: 1 };
