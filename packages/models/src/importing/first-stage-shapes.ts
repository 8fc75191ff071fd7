import { ProsoponError } from "@prosopon/errors";
import { type VqganConfig, vqganConfig } from "@prosopon/vqgan";
import { countOf, type Shapes, shapeOf } from "./shapes.ts";
import type { Derived } from "./unet-shapes.ts";

const refuse = (what: string): never => {
  throw new ProsoponError("bad-file", `Its first stage cannot be run here: ${what}.`, {
    mend: "Autoencoders of taming-transformers and latent diffusion with a codebook or KL regularisation are supported.",
  });
};

/**
 * The configuration of a VQGAN by the names of taming-transformers, without a prefix. The size of its pictures leaves no trace: it is
 * taken to be 128, attention standing where the file has it. @throws `bad-file` for another kind of autoencoder.
 */
export function firstStageShapes(shapes: Shapes, resolution = 128): Derived<VqganConfig> {
  if (shapes.has("quantize.embed.weight")) refuse("its codebook is that of a Gumbel quantiser");
  const table = shapes.get("quantize.embedding.weight");
  const size = shapeOf(shapes, "post_quant_conv.weight")[1]!;
  // Without a codebook the encoder gives mean and log-variance (AutoencoderKL).
  const kl = table === undefined;
  const first = shapeOf(shapes, "encoder.conv_in.weight");
  const base = first[0]!;
  const levels = countOf(shapes, (i) => `encoder.down.${i}`);
  if (levels === 0) refuse("its encoder has no levels");
  const widths = Array.from(
    { length: levels },
    (_, i) => shapeOf(shapes, `encoder.down.${i}.block.0.conv1.weight`)[0]!,
  );
  if (widths.some((width) => width % base)) refuse("its widths are no multiples of the first");
  if (shapes.has("encoder.down.0.block.0.temb_proj.weight")) refuse("its blocks take a time");
  const factors = widths.map((width) => width / base);
  const attends = widths.map((_, i) => shapes.has(`encoder.down.${i}.attn.0.norm.weight`));
  const last = shapeOf(shapes, "decoder.conv_out.weight");
  const decoderBase = last[1]! / factors[0]!;
  const channels = shapeOf(shapes, "encoder.conv_out.weight")[0]! / (kl ? 2 : 1);
  if (shapeOf(shapes, "decoder.conv_in.weight")[1] !== channels)
    refuse("encoder and decoder speak of different latents");
  return {
    config: vqganConfig({
      embed_dim: size,
      ...(table ? { n_embed: table[0]! } : {}),
      ddconfig: {
        double_z: kl,
        z_channels: channels,
        resolution,
        in_channels: first[1]!,
        out_ch: last[0]!,
        ch: base,
        ch_mult: factors,
        num_res_blocks: countOf(shapes, (i) => `encoder.down.0.block.${i}`),
        attn_resolutions: attends.flatMap((attending, i) => (attending ? [resolution / 2 ** i] : [])),
        middleAttention: shapes.has("encoder.mid.attn_1.norm.weight"),
        ...(decoderBase === base ? {} : { decoderChannels: decoderBase }),
      },
    }),
    assumed: [`Pictures are taken to have a side of ${resolution} pixels.`],
  };
}
