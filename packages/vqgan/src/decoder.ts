import { resizeNearest, silu, type Value } from "@prosopon/graph";
import { conv2d, declare, groupNorm, type Scope } from "@prosopon/nn";
import { groupsOf } from "./groups-of.ts";
import { type LevelOptions, level } from "./level.ts";
import { middle } from "./middle.ts";
import type { VqganConfig } from "./vqgan-config.ts";

/**
 * Latent [B, z_channels, h, w] -> image [B, out_ch, h·f, w·f], about [-1, 1], not clamped. One block more per level than the encoder.
 * `place` ends in "decoder".
 */
export function decoder(place: Scope, z: Value, { ddconfig: c }: VqganConfig): Value {
  const base = c.decoderChannels ?? c.ch;
  const groups = c.groups ?? groupsOf(base);
  const top = c.ch_mult.length - 1;
  const plan = c.ch_mult.map(
    (times, i): LevelOptions => ({
      out: base * times,
      blocks: c.num_res_blocks + 1,
      attends: c.attn_resolutions.includes(c.resolution / 2 ** i),
      groups,
    }),
  );
  const ascend = (here: Scope, x: Value, i: number): Value => {
    const options = plan[i]!;
    const h = level(here, x, options);
    if (i === 0) return h;
    return conv2d(here.at("upsample").at("conv"), resizeNearest(h, 2), { outputs: options.out, kernel: 3, padding: 1 });
  };
  let h = conv2d(place.at("conv_in"), z, { outputs: plan[top]!.out, kernel: 3, padding: 1 });
  h = middle(place.at("mid"), h, { groups, attends: c.middleAttention });
  // Stored from level 0 up, run from the top level down.
  declare(place, (s, like) => {
    for (let i = 0; i <= top; i++) ascend(s.at("up").at(i), like(1, (plan[i + 1] ?? plan[top]!).out, 1, 1), i);
  });
  for (let i = top; i >= 0; i--) h = ascend(place.at("up").at(i), h, i);
  h = silu(groupNorm(place.at("norm_out"), h, { groups, epsilon: 1e-6 }));
  return conv2d(place.at("conv_out"), h, { outputs: c.out_ch, kernel: 3, padding: 1 });
}
