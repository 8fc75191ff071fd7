import { add, reshape, silu, type Value } from "@prosopon/graph";
import { conv2d, groupNorm, linear, type Scope } from "@prosopon/nn";

/** Residual block told the time: x [B, Ci, H, W], embedding [B, E] -> [B, Co, H, W]. ResBlock of the reference. */
export function residualBlock(
  place: Scope,
  x: Value,
  embedding: Value,
  { out, groups }: { readonly out: number; readonly groups: number },
): Value {
  const epsilon = 1e-5;
  const inner = place.at("in_layers");
  const outer = place.at("out_layers");
  let h = silu(groupNorm(inner.at(0), x, { groups, epsilon }));
  h = conv2d(inner.at(2), h, { outputs: out, kernel: 3, padding: 1 });
  const shift = linear(place.at("emb_layers").at(1), silu(embedding), { outputs: out });
  h = add(h, reshape(shift, [shift.shape[0]!, out, 1, 1]));
  h = silu(groupNorm(outer.at(0), h, { groups, epsilon }));
  h = conv2d(outer.at(3), h, { outputs: out, kernel: 3, padding: 1, zero: true });
  const skip = x.shape[1] === out ? x : conv2d(place.at("skip_connection"), x, { outputs: out, kernel: 1 });
  return add(skip, h);
}
