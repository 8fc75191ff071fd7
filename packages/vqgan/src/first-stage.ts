import { clip, split, type Value } from "@prosopon/graph";
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
  config.ddconfig.double_z
    ? encodeMoments(place, image, config).mean
    : conv2d(place.at("quant_conv"), encoder(place.at("encoder"), image, config), {
        outputs: config.embed_dim,
        kernel: 1,
      });

/** What a first stage with KL regularisation says of an image: a normal distribution of latents, both [B, embed_dim, H/f, W/f]. */
export interface LatentMoments {
  readonly mean: Value;
  /** Clamped to −30 … 20, as the reference has it. */
  readonly logVariance: Value;
}

/** The moments of a `double_z` first stage (AutoencoderKL of latent diffusion): `encode` gives their mean. */
export function encodeMoments(place: Scope, image: Value, config: VqganConfig): LatentMoments {
  const { embed_dim: size } = config;
  const both = conv2d(place.at("quant_conv"), encoder(place.at("encoder"), image, config), {
    outputs: 2 * size,
    kernel: 1,
  });
  const [mean, logVariance] = split(both, [size, size], 1);
  return { mean: mean!, logVariance: clip(logVariance!, -30, 20) };
}

export interface DecodeOptions {
  /** Passes the latent through the codebook first, where there is one (default true, as the reference's scripts do). */
  readonly quantize?: boolean;
}

/** Latent [B, embed_dim, h, w] -> image [B, 3, h·f, w·f], not clamped. Differentiable also through the codebook. */
export function decode(
  place: Scope,
  latent: Value,
  config: VqganConfig,
  { quantize: quantizes = true }: DecodeOptions = {},
): Value {
  const h = quantizes && !config.ddconfig.double_z ? quantize(place.at("quantize"), latent, config).codes : latent;
  const z = conv2d(place.at("post_quant_conv"), h, { outputs: config.ddconfig.z_channels, kernel: 1 });
  return decoder(place.at("decoder"), z, config);
}

/** Declares every parameter of the first stage in the reference's order, whatever is built of it afterwards. */
export function declareFirstStage(place: Scope, config: VqganConfig): void {
  declare(place, (s, like) => {
    const { in_channels, z_channels, ch_mult, double_z } = config.ddconfig;
    const halves = double_z ? 2 : 1;
    const side = 2 ** (ch_mult.length - 1);
    const z = like(1, config.embed_dim, 1, 1);
    encoder(s.at("encoder"), like(1, in_channels, side, side), config);
    decoder(s.at("decoder"), like(1, z_channels, 1, 1), config);
    if (!double_z) quantize(s.at("quantize"), z, config);
    conv2d(s.at("quant_conv"), like(1, halves * z_channels, 1, 1), { outputs: halves * config.embed_dim, kernel: 1 });
    conv2d(s.at("post_quant_conv"), z, { outputs: z_channels, kernel: 1 });
  });
}
