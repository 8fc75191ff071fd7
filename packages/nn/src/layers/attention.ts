import { ProsoponError } from "@prosopon/errors";
import { add, fusedMatMul, matMul, reshape, softmax, transpose, type Value } from "@prosopon/graph";

export interface AttentionOptions {
  /** Number of heads; must divide the width of queries, keys and values. */
  readonly heads: number;
  /** Added to the scores before softmax; broadcasts to [B·heads, L, S]. */
  readonly mask?: Value;
  /** Factor of the scores; default 1/sqrt(width of a head). */
  readonly scale?: number;
}

/** [B, L, heads·d] -> [B·heads, L, d]: the layout in which attention is two batched matrix products. */
export function splitHeads(x: Value, heads: number): Value {
  const [batch, length, width] = x.shape as [number, number, number];
  if (x.shape.length !== 3 || width % heads !== 0)
    throw new ProsoponError("bad-input", `${heads} heads do not divide the width of [${x.shape}].`, {
      values: { shape: x.shape, heads },
      mend: "Attention wants [batch, length, heads · width of a head].",
    });
  const cut = reshape(x, [batch, length, heads, width / heads]);
  return reshape(transpose(cut, [0, 2, 1, 3]), [batch * heads, length, width / heads]);
}

/** [B·heads, L, d] -> [B, L, heads·d]. */
export function mergeHeads(x: Value, heads: number): Value {
  const [rows, length, width] = x.shape as [number, number, number];
  const cut = reshape(x, [rows / heads, heads, length, width]);
  return reshape(transpose(cut, [0, 2, 1, 3]), [rows / heads, length, heads * width]);
}

/**
 * softmax(q kᵀ · scale + mask) v per head (Vaswani et al. 2017, eq. 1): queries [B, L, h·d], keys [B, S, h·d] and values
 * [B, S, h·e] -> [B, L, h·e]. @throws `bad-input` when the heads do not divide a width.
 */
export function attention(queries: Value, keys: Value, values: Value, options: AttentionOptions): Value {
  const { heads, mask } = options;
  const q = splitHeads(queries, heads);
  const scores = fusedMatMul(q, splitHeads(keys, heads), {
    alpha: options.scale ?? q.shape[2]! ** -0.5,
    transB: true,
  });
  return mergeHeads(matMul(softmax(mask ? add(scores, mask) : scores), splitHeads(values, heads)), heads);
}
