import { add, fusedMatMul, reshape, sizeOf, type Tensor, within } from "@prosopon/graph";
import { fanInUniform, zeros } from "./layers/fan-in.ts";
import type { ParameterFilter } from "./parameter-filter.ts";
import type { Scope } from "./scope.ts";

export interface LoraOptions {
  /** Which weights get an addition; those with fewer than two axes never do. */
  readonly parameters: ParameterFilter;
  /** Rank of the addition. */
  readonly rank: number;
  /** The addition is multiplied by alpha / rank; default alpha = rank. */
  readonly alpha?: number;
}

const suffixes = { down: ".lora_down", up: ".lora_up" } as const;

/** True for the parameters that `lora` made: the ones to train. */
export const isLora = (name: string): boolean => name.endsWith(suffixes.down) || name.endsWith(suffixes.up);

/**
 * Low-rank adaptation (Hu et al. 2022): a scope whose matching weights W [out, in...] are W + alpha/rank · up · down, with `lora_up`
 * [out, rank] zeros and `lora_down` [rank, in] uniform in ±1/sqrt(in), so that at first nothing changes. Layers need not know. Works for linear,
 * convolution and embedding weights. Train with `parameters: isLora`; the base stays frozen.
 */
export function lora(scope: Scope, options: LoraOptions): Scope {
  const { parameters, rank, alpha = rank } = options;
  return {
    ...scope,
    at: (name) => lora(scope.at(name), options),
    parameter(local, shape, initializer, dtype) {
      const base = scope.parameter(local, shape, initializer, dtype);
      const name = scope.prefix ? `${scope.prefix}.${local}` : local;
      if (shape.length < 2 || !parameters(name)) return base;
      const [outputs, ...inputs] = shape as [number, ...number[]];
      const width = sizeOf(inputs);
      const down = scope.parameter(`${local}${suffixes.down}`, [rank, width], fanInUniform(width));
      const up = scope.parameter(`${local}${suffixes.up}`, [outputs, rank], zeros);
      return within(scope.graph, name, () => add(base, reshape(fusedMatMul(up, down, { alpha: alpha / rank }), shape)));
    },
  };
}

/** The weights with their additions added in, and without `lora_*`: an ordinary model again. Float32, new memory where changed. */
export function mergeLora(
  weights: ReadonlyMap<string, Tensor>,
  { alpha }: { readonly alpha?: number } = {},
): Map<string, Tensor> {
  const merged = new Map<string, Tensor>();
  for (const [name, base] of weights) {
    if (isLora(name)) continue;
    const down = weights.get(`${name}${suffixes.down}`);
    const up = weights.get(`${name}${suffixes.up}`);
    merged.set(name, down && up ? { ...base, data: sum(base, up, down, alpha) } : base);
  }
  return merged;
}

function sum(base: Tensor, up: Tensor, down: Tensor, alpha: number | undefined): Float32Array {
  const [outputs, rank] = up.shape as [number, number];
  const width = down.shape[1]!;
  const data = Float32Array.from(base.data as Float32Array);
  const [u, d] = [up.data as Float32Array, down.data as Float32Array];
  const scale = (alpha ?? rank) / rank;
  for (let o = 0; o < outputs; o++)
    for (let r = 0; r < rank; r++) {
      const factor = scale * u[o * rank + r]!;
      for (let i = 0; i < width; i++) data[o * width + i]! += factor * d[r * width + i]!;
    }
  return data;
}
