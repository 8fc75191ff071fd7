import { add, reshape, transpose, type Value } from "@prosopon/graph";
import { conv2d, groupNorm, type Scope } from "@prosopon/nn";
import { type TransformerBlockOptions, transformerBlock } from "./transformer-block.ts";

export interface SpatialTransformerOptions extends TransformerBlockOptions {
  readonly depth: number;
  readonly groups: number;
}

/** Transformer blocks over the positions of x [B, C, H, W], with a residual around them. SpatialTransformer of the reference. */
export function spatialTransformer(
  place: Scope,
  x: Value,
  context: Value | undefined,
  { depth, groups, ...block }: SpatialTransformerOptions,
): Value {
  const [batch, out, height, width] = x.shape as [number, number, number, number];
  let h = groupNorm(place.at("norm"), x, { groups, epsilon: 1e-6 });
  h = conv2d(place.at("proj_in"), h, { outputs: out, kernel: 1 });
  h = transpose(reshape(h, [batch, out, height * width]), [0, 2, 1]);
  for (let i = 0; i < depth; i++) h = transformerBlock(place.at("transformer_blocks").at(i), h, context, block);
  h = reshape(transpose(h, [0, 2, 1]), [batch, out, height, width]);
  return add(conv2d(place.at("proj_out"), h, { outputs: out, kernel: 1, zero: true }), x);
}
