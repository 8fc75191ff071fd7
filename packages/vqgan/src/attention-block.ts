import { add, reshape, transpose, type Value } from "@prosopon/graph";
import { attention, conv2d, groupNorm, type Scope } from "@prosopon/nn";
import type { BlockOptions } from "./residual-block.ts";

/** One-head self-attention over the positions of x [B, C, H, W], with a residual. AttnBlock of the reference. */
export function attentionBlock(place: Scope, x: Value, { groups }: BlockOptions): Value {
  const [batch, out, height, width] = x.shape as [number, number, number, number];
  const h = groupNorm(place.at("norm"), x, { groups, epsilon: 1e-6 });
  const rows = (name: string) =>
    transpose(reshape(conv2d(place.at(name), h, { outputs: out, kernel: 1 }), [batch, out, height * width]), [0, 2, 1]);
  const [q, k, v] = [rows("q"), rows("k"), rows("v")];
  const found = reshape(transpose(attention(q, k, v, { heads: 1 }), [0, 2, 1]), [batch, out, height, width]);
  return add(x, conv2d(place.at("proj_out"), found, { outputs: out, kernel: 1 }));
}
