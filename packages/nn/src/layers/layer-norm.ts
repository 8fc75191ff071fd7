import { layerNormalization, type Value, within } from "@prosopon/graph";
import type { Scope } from "../scope.ts";
import { ones, zeros } from "./fan-in.ts";

export interface LayerNormOptions {
  /** How many of the last axes are normalised together; default 1. */
  readonly axes?: number;
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number;
}

/** Layer normalisation (Ba et al. 2016) over the last axes: parameters `weight` ones and `bias` zeros of their shape. */
export function layerNorm(scope: Scope, x: Value, { axes = 1, epsilon = 1e-5 }: LayerNormOptions = {}): Value {
  const shape = x.shape.slice(-axes);
  const weight = scope.parameter("weight", shape, ones);
  const bias = scope.parameter("bias", shape, zeros);
  return within(scope.graph, scope.prefix, () => layerNormalization(x, weight, bias, { axis: -axes, epsilon }));
}
