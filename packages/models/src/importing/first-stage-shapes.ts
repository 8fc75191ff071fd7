import { ProsoponError } from "@prosopon/errors";
import { type VqganConfig, vqganConfig } from "@prosopon/vqgan";
import { countOf, type Shapes, shapeOf } from "./shapes.ts";
import type { Derived } from "./unet-shapes.ts";

const refuse = (what: string): never => {
  throw new ProsoponError("bad-file", `Its first stage cannot be run here: ${what}.`, {
    mend: "Vector-quantised autoencoders of taming-transformers and latent diffusion are supported.",
  });
};

/**
 * The configuration of a VQGAN by the names of taming-transformers, without a prefix. The size of its pictures leaves no trace: it is
 * taken to be 128, attention standing where the file has it. @throws `bad-file` for another kind of autoencoder.
 */
export function firstStageShapes(shapes: Shapes, resolution = 128): Derived<VqganConfig> {
  if (shapes.has("quantize.embed.weight")) refuse("its codebook is that of a Gumbel quantiser");
  if (!shapes.has("quantize.embedding.weight")) refuse("it has no codebook (a KL autoencoder?)");
  const [count, size] = shapeOf(shapes, "quantize.embedding.weight") as [number, number];
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
  const channels = shapeOf(shapes, "encoder.conv_out.weight")[0]!;
  if (shapeOf(shapes, "decoder.conv_in.weight")[1] !== channels)
    refuse("encoder and decoder speak of different latents");
  return {
    config: vqganConfig({
      embed_dim: size,
      n_embed: count,
      ddconfig: {
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
