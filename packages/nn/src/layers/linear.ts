import { gemm, reshape, sizeOf, split, type Value, within } from "@prosopon/graph";
import type { Scope } from "../scope.ts";
import { fanInUniform, zeros } from "./fan-in.ts";

export interface LinearOptions {
  /** Number of output features. */
  readonly outputs: number;
  /** Adds a bias; default true. */
  readonly bias?: boolean;
  /** Starts weight and bias at zero, so that the layer gives nothing at first; default false. */
  readonly zero?: boolean;
}

/**
 * x · weightᵀ + bias over the last axis: [..., in] -> [..., outputs]. Parameters as PyTorch's `Linear`: `weight` [outputs, in]
 * and `bias` [outputs], both uniform in ±1/sqrt(in) at the start.
 */
export function linear(scope: Scope, x: Value, { outputs, bias = true, zero = false }: LinearOptions): Value {
  const inputs = x.shape.at(-1)!;
  const law = zero ? zeros : fanInUniform(inputs);
  const weight = scope.parameter("weight", [outputs, inputs], law);
  const offset = bias ? scope.parameter("bias", [outputs], law) : undefined;
  return within(scope.graph, scope.prefix, () => product(x, weight, offset));
}

/**
 * `linear` with its outputs cut in two equal parts. The weights are cut, not the result: constant ones once and for all, others in one piece, where a
 * result would be copied row by row.
 */
export function linearHalves(scope: Scope, x: Value, { outputs }: Pick<LinearOptions, "outputs">): [Value, Value] {
  const law = fanInUniform(x.shape.at(-1)!);
  const weight = scope.parameter("weight", [outputs, x.shape.at(-1)!], law);
  const offset = scope.parameter("bias", [outputs], law);
  return within(scope.graph, scope.prefix, () => {
    const [weights, offsets] = [weight, offset].map((v) => split(v, [outputs / 2, outputs / 2], 0));
    const half = (i: number) => product(x, weights![i]!, offsets![i]!);
    return [half(0), half(1)];
  });
}

/** One Gemm over all rows: its gradients are two more, and the bias costs nothing. */
function product(x: Value, weight: Value, offset: Value | undefined): Value {
  const [outputs, inputs] = weight.shape as [number, number];
  const rows = reshape(x, [sizeOf(x.shape.slice(0, -1)), inputs]);
  return reshape(gemm(rows, weight, offset, { transB: true }), [...x.shape.slice(0, -1), outputs]);
}
