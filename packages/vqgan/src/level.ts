import type { Value } from "@prosopon/graph";
import type { Scope } from "@prosopon/nn";
import { declare } from "@prosopon/nn";
import { attentionBlock } from "./attention-block.ts";
import { type BlockOptions, residualBlock } from "./residual-block.ts";

export interface LevelOptions extends BlockOptions {
  readonly out: number;
  readonly blocks: number;
  readonly attends: boolean;
}

/** The blocks of one resolution, each followed by attention if there is any: x [B, Ci, H, W] -> [B, Co, H, W]. */
export function level(place: Scope, x: Value, options: LevelOptions): Value {
  declareLevel(place, x.shape[1]!, options);
  let h = x;
  for (let i = 0; i < options.blocks; i++) {
    h = residualBlock(place.at("block").at(i), h, options);
    if (options.attends) h = attentionBlock(place.at("attn").at(i), h, options);
  }
  return h;
}

/** Declares a level's parameters in the order of definition: all blocks, then all attentions. */
export function declareLevel(place: Scope, channels: number, options: LevelOptions): void {
  declare(place, (s, like) => {
    const { out } = options;
    for (let i = 0; i < options.blocks; i++)
      residualBlock(s.at("block").at(i), like(1, i === 0 ? channels : out, 1, 1), options);
    if (options.attends)
      for (let i = 0; i < options.blocks; i++) attentionBlock(s.at("attn").at(i), like(1, out, 1, 1), options);
  });
}
