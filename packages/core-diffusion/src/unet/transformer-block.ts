import { add, gelu, mul, type Value } from "@prosopon/graph";
import { attention, declare, layerNorm, linear, linearHalves, type Scope } from "@prosopon/nn";

/**
 * How cross-attention over one context token is built. `constant`: a softmax over one token is 1, so the block adds to_out(to_v(context))
 * whatever x is; its query, key and norm stay as parameters without influence (or gradient). `attend`: as for many tokens.
 */
export type SingleToken = "constant" | "attend";

export interface TransformerBlockOptions {
  readonly heads: number;
  readonly singleToken: SingleToken;
}

/** Multi-head attention of x [B, N, C] over tokens [B, M, X] -> [B, N, C]. CrossAttention of the reference. */
function attend(place: Scope, x: Value, tokens: Value, heads: number): Value {
  const out = x.shape[2]!;
  const q = linear(place.at("to_q"), x, { outputs: out, bias: false });
  const k = linear(place.at("to_k"), tokens, { outputs: out, bias: false });
  const v = linear(place.at("to_v"), tokens, { outputs: out, bias: false });
  return linear(place.at("to_out").at(0), attention(q, k, v, { heads }), { outputs: out });
}

/** Gated feed-forward: the value half times the exact GELU of the gate half. */
function feedForward(place: Scope, x: Value): Value {
  const out = x.shape[2]!;
  const [value, gate] = linearHalves(place.at("net").at(0).at("proj"), x, { outputs: 8 * out });
  return linear(place.at("net").at(2), mul(value, gelu(gate)), { outputs: out });
}

/** Pre-norm transformer block on x [B, N, C]: self-attention, cross-attention to the context [B, M, X] if there is one, feed-forward. */
export function transformerBlock(
  place: Scope,
  x: Value,
  context: Value | undefined,
  { heads, singleToken }: TransformerBlockOptions,
): Value {
  const norm = (i: 1 | 2 | 3, h: Value) => layerNorm(place.at(`norm${i}`), h, { epsilon: 1e-5 });
  const width = x.shape[2]!;
  declare(place, (s, like) => {
    const h = like(1, 1, width);
    attend(s.at("attn1"), h, h, heads);
    feedForward(s.at("ff"), h);
    if (context) attend(s.at("attn2"), h, like(1, 1, context.shape[2]!), heads);
    for (const i of context ? [1, 2, 3] : [1, 3]) layerNorm(s.at(`norm${i}`), h, { epsilon: 1e-5 });
  });
  const normed = norm(1, x);
  let h = add(x, attend(place.at("attn1"), normed, normed, heads));
  if (context) {
    const cross = place.at("attn2");
    if (singleToken === "constant" && context.shape[1] === 1) {
      const value = linear(cross.at("to_v"), context, { outputs: width, bias: false });
      h = add(h, linear(cross.at("to_out").at(0), value, { outputs: width }));
    } else h = add(h, attend(cross, norm(2, h), context, heads));
  }
  return add(h, feedForward(place.at("ff"), norm(3, h)));
}
