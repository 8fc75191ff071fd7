import { gemm, reshape, split, type Value, within } from "@prosopon/graph";
import type { Scope } from "../scope.ts";
import { attention } from "./attention.ts";
import { fanInUniform, glorotUniform, zeros } from "./fan-in.ts";

export interface MultiHeadAttentionOptions {
  readonly heads: number;
  /** Added to the scores; broadcasts to [B·heads, L, L]. */
  readonly mask?: Value;
}

/**
 * Self-attention of [B, L, E] with the parameters of PyTorch's `MultiheadAttention`: `in_proj_weight` [3E, E] (Glorot uniform),
 * `in_proj_bias` [3E] (zeros), `out_proj.weight` [E, E] (uniform in ±1/sqrt(E)), `out_proj.bias` [E] (zeros).
 */
export function multiHeadAttention(scope: Scope, x: Value, { heads, mask }: MultiHeadAttentionOptions): Value {
  const [batch, length, width] = x.shape as [number, number, number];
  const weight = scope.parameter("in_proj_weight", [3 * width, width], glorotUniform(width, 3 * width));
  const bias = scope.parameter("in_proj_bias", [3 * width], zeros);
  const last = scope.at("out_proj");
  const lastWeight = last.parameter("weight", [width, width], fanInUniform(width));
  const lastBias = last.parameter("bias", [width], zeros);
  return within(scope.graph, scope.prefix, () => {
    const rows = (v: Value) => reshape(v, [batch * length, width]);
    const together = reshape(gemm(rows(x), weight, bias, { transB: true }), [batch, length, 3 * width]);
    const [queries, keys, values] = split(together, [width, width, width], 2);
    const mixed = attention(queries!, keys!, values!, mask ? { heads, mask } : { heads });
    return reshape(gemm(rows(mixed), lastWeight, lastBias, { transB: true }), x.shape);
  });
}
