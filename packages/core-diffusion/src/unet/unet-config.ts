import { ProsoponError } from "@prosopon/errors";
import * as z from "zod";

const count = z.int().positive();

/**
 * A U-Net as the reference's yaml files describe it: snake_case keys are theirs (`unet_config.params`), camelCase ones ours.
 * Unknown keys are refused.
 */
export const unetConfigSchema = z
  .strictObject({
    /** Side of the latents it was made for; informative, any side that halves often enough works. */
    image_size: count.optional(),
    in_channels: count,
    out_channels: count,
    model_channels: count,
    /** Downsampling factors (1, 2, 4, ...) at which attention stands; [] for none besides the middle. */
    attention_resolutions: z.array(count),
    num_res_blocks: count,
    /** Channel factor of every level; each level but the last halves the side. */
    channel_mult: z.array(count).min(1),
    /** Exactly one of `num_heads` and `num_head_channels`. */
    num_heads: count.optional(),
    num_head_channels: count.optional(),
    transformer_depth: count.default(1),
    /** Width of a context token; null: no cross-attention. */
    context_dim: count.nullish().transform((v) => v ?? null),
    /** Ours: width of a vector that joins the time embedding, so that every residual block hears it; null: none. */
    embeddingSize: count.nullish().transform((v) => v ?? null),
    /** Ours: groups of every normalisation (default: the reference's 32, or as many of them as divide `model_channels`). */
    groups: count.optional(),
    /** Ours: attention in the middle block (default true, as in the reference). */
    middleAttention: z.boolean().default(true),
    use_spatial_transformer: z.literal(true).default(true),
    dropout: z.literal(0).default(0),
    use_checkpoint: z.boolean().default(false),
    legacy: z.boolean().default(true),
  })
  .refine((c) => (c.num_heads === undefined) !== (c.num_head_channels === undefined), {
    message: "give exactly one of num_heads and num_head_channels",
  })
  .refine((c) => c.model_channels % 2 === 0, { message: "model_channels must be even (cosines beside sines)" });

/** What a caller writes: as `UnetConfig`, with defaults left out. */
export type UnetConfigInput = z.input<typeof unetConfigSchema>;
export type UnetConfig = z.output<typeof unetConfigSchema>;

/** A checked configuration with its defaults filled in. @throws `bad-input` naming every wrong or unknown key. */
export function unetConfig(input: UnetConfigInput | unknown): UnetConfig {
  const result = unetConfigSchema.safeParse(input);
  if (result.success) return result.data;
  throw new ProsoponError("bad-input", `This is no U-Net configuration: ${z.prettifyError(result.error)}`, {
    values: { input },
    mend: "Compare it with unet_config.params of a latent-diffusion yaml file.",
  });
}
