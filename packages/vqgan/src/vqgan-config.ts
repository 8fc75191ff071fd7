import { ProsoponError } from "@prosopon/errors";
import * as z from "zod";

const count = z.int().positive();

const ddconfig = z.strictObject({
  /** KL regularisation instead of a codebook: the encoder gives mean and log-variance of a normal distribution. */
  double_z: z.boolean().default(false),
  z_channels: count,
  /** Image side that `attn_resolutions` counts from; any side that halves often enough works. */
  resolution: count,
  in_channels: count.default(3),
  out_ch: count.default(3),
  ch: count,
  /** Channel factor of every level; each level but the last halves the side (4 levels: f = 8). */
  ch_mult: z.array(count).min(1),
  num_res_blocks: count,
  /** Sides at which attention stands; [] for none besides the middle. */
  attn_resolutions: z.array(count),
  dropout: z.literal(0).default(0),
  /** Ours: base channels of the decoder (default `ch`); the decoder is what a viewer waits for. */
  decoderChannels: count.optional(),
  /** Ours: attention in the middle of encoder and decoder (default true, as in the reference). */
  middleAttention: z.boolean().default(true),
  /** Ours: groups of every normalisation (default: the reference's 32, or as many of them as divide the base channels). */
  groups: count.optional(),
});

/** A first stage as the reference's yaml files describe it: snake_case keys are theirs, camelCase ones ours. */
export const vqganConfigSchema = z
  .strictObject({
    /** Size of a code. */
    embed_dim: count,
    /** Number of codes; left out with `double_z`, where there is no codebook. */
    n_embed: count.optional(),
    ddconfig,
  })
  .refine((c) => c.ddconfig.double_z || c.n_embed !== undefined, {
    message: "n_embed is missing (only a double_z first stage has no codebook)",
  })
  .transform(({ n_embed = 1, ...rest }) => ({ ...rest, n_embed }));

/** What a caller writes: as `VqganConfig`, with defaults left out. */
export type VqganConfigInput = z.input<typeof vqganConfigSchema>;
export type VqganConfig = z.output<typeof vqganConfigSchema>;

/** A checked configuration with its defaults filled in. @throws `bad-input` naming every wrong or unknown key. */
export function vqganConfig(input: VqganConfigInput | unknown): VqganConfig {
  const result = vqganConfigSchema.safeParse(input);
  if (result.success) return result.data;
  throw new ProsoponError("bad-input", `This is no VQGAN configuration: ${z.prettifyError(result.error)}`, {
    values: { input },
    mend: "It needs embed_dim, n_embed and a ddconfig, as in the yaml files of taming-transformers.",
  });
}
