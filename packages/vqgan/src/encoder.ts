import { ProsoponError } from "@prosopon/errors";
import { pad, silu, type Value } from "@prosopon/graph";
import { conv2d, groupNorm, type Scope } from "@prosopon/nn";
import { groupsOf } from "./groups-of.ts";
import { level } from "./level.ts";
import { middle } from "./middle.ts";
import type { VqganConfig } from "./vqgan-config.ts";

/**
 * Image [B, in_channels, H, W] in [-1, 1] -> [B, z_channels, H/f, W/f] with f = 2^(levels−1), twice the channels with `double_z`. `place` ends in "encoder".
 * @throws `bad-input` when the sides do not halve often enough.
 */
export function encoder(place: Scope, image: Value, { ddconfig: c }: VqganConfig): Value {
  const [, channels, height, width] = image.shape;
  const factor = 2 ** (c.ch_mult.length - 1);
  if (image.shape.length !== 4 || channels !== c.in_channels || height! % factor || width! % factor)
    throw new ProsoponError("bad-input", `The encoder cannot take [${image.shape}].`, {
      values: { shape: image.shape },
      mend: `It takes [B, ${c.in_channels}, H, W] with sides that are multiples of ${factor}.`,
    });
  const groups = c.groups ?? groupsOf(c.ch);
  let h = conv2d(place.at("conv_in"), image, { outputs: c.ch, kernel: 3, padding: 1 });
  c.ch_mult.forEach((times, i) => {
    const here = place.at("down").at(i);
    const attends = c.attn_resolutions.includes(c.resolution / 2 ** i);
    h = level(here, h, { out: c.ch * times, blocks: c.num_res_blocks, attends, groups });
    if (i === c.ch_mult.length - 1) return;
    // The reference pads right and bottom only.
    const padded = pad(h, [0, 0, 0, 0, 0, 0, 1, 1]);
    h = conv2d(here.at("downsample").at("conv"), padded, { outputs: c.ch * times, kernel: 3, stride: 2 });
  });
  h = middle(place.at("mid"), h, { groups, attends: c.middleAttention });
  h = silu(groupNorm(place.at("norm_out"), h, { groups, epsilon: 1e-6 }));
  return conv2d(place.at("conv_out"), h, { outputs: (c.double_z ? 2 : 1) * c.z_channels, kernel: 3, padding: 1 });
}
