import { add, silu, type Value } from "@prosopon/graph";
import { conv2d, groupNorm, type Scope } from "@prosopon/nn";

/** Normalisation of the first stage: groups, ε = 1e-6. */
export interface BlockOptions {
  readonly groups: number;
}

/** x [B, Ci, H, W] -> [B, Co, H, W]. ResnetBlock of the reference, without a time embedding. */
export function residualBlock(place: Scope, x: Value, { out, groups }: BlockOptions & { readonly out: number }): Value {
  const epsilon = 1e-6;
  let h = silu(groupNorm(place.at("norm1"), x, { groups, epsilon }));
  h = conv2d(place.at("conv1"), h, { outputs: out, kernel: 3, padding: 1 });
  h = silu(groupNorm(place.at("norm2"), h, { groups, epsilon }));
  h = conv2d(place.at("conv2"), h, { outputs: out, kernel: 3, padding: 1 });
  return add(x.shape[1] === out ? x : conv2d(place.at("nin_shortcut"), x, { outputs: out, kernel: 1 }), h);
}
