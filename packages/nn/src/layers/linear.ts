import { gemm, reshape, sizeOf, type Value, within } from "@prosopon/graph";
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
  return within(scope.graph, scope.prefix, () => {
    // One Gemm over all rows: its gradients are two more, and the bias costs nothing.
    const rows = reshape(x, [sizeOf(x.shape.slice(0, -1)), inputs]);
    return reshape(gemm(rows, weight, offset, { transB: true }), [...x.shape.slice(0, -1), outputs]);
  });
}
