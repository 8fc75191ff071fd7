import type { Value } from "@prosopon/graph";
import type { Scope } from "@prosopon/nn";
import { attentionBlock } from "./attention-block.ts";
import { type BlockOptions, residualBlock } from "./residual-block.ts";

/** The lowest resolution of encoder and decoder: block, attention, block on [B, C, h, w]. */
export function middle(
  place: Scope,
  x: Value,
  { groups, attends }: BlockOptions & { readonly attends: boolean },
): Value {
  const out = x.shape[1]!;
  let h = residualBlock(place.at("block_1"), x, { out, groups });
  if (attends) h = attentionBlock(place.at("attn_1"), h, { groups });
  return residualBlock(place.at("block_2"), h, { out, groups });
}
