import type { Value } from "@prosopon/graph";
import { conv2d, declare, type Scope } from "@prosopon/nn";
import { decoder } from "./decoder.ts";
import { encoder } from "./encoder.ts";
import { quantize } from "./quantize.ts";
import type { VqganConfig } from "./vqgan-config.ts";

/**
 * Image [B, 3, H, W] in [-1, 1] -> latent [B, embed_dim, H/f, W/f] *before* quantisation: what diffusion is trained on.
 * `place` is the first stage's own: prefix "" in its checkpoint, "first_stage_model" inside a diffusion one.
 */
export const encode = (place: Scope, image: Value, config: VqganConfig): Value =>
  conv2d(place.at("quant_conv"), encoder(place.at("encoder"), image, config), { outputs: config.embed_dim, kernel: 1 });

export interface DecodeOptions {
  /** Passes the latent through the codebook first (default true, as the reference's scripts do). */
  readonly quantize?: boolean;
}

/** Latent [B, embed_dim, h, w] -> image [B, 3, h·f, w·f], not clamped. Differentiable also through the codebook. */
export function decode(
  place: Scope,
  latent: Value,
  config: VqganConfig,
  { quantize: quantizes = true }: DecodeOptions = {},
): Value {
  const h = quantizes ? quantize(place.at("quantize"), latent, config).codes : latent;
  const z = conv2d(place.at("post_quant_conv"), h, { outputs: config.ddconfig.z_channels, kernel: 1 });
  return decoder(place.at("decoder"), z, config);
}

/** Declares every parameter of the first stage in the reference's order, whatever is built of it afterwards. */
export function declareFirstStage(place: Scope, config: VqganConfig): void {
  declare(place, (s, like) => {
    const { in_channels, z_channels, ch_mult } = config.ddconfig;
    const side = 2 ** (ch_mult.length - 1);
    const z = like(1, config.embed_dim, 1, 1);
    encoder(s.at("encoder"), like(1, in_channels, side, side), config);
    decoder(s.at("decoder"), like(1, z_channels, 1, 1), config);
    quantize(s.at("quantize"), z, config);
    conv2d(s.at("quant_conv"), like(1, z_channels, 1, 1), { outputs: config.embed_dim, kernel: 1 });
    conv2d(s.at("post_quant_conv"), z, { outputs: z_channels, kernel: 1 });
  });
}
