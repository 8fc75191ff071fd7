import { unetConfigSchema } from "@prosopon/core-diffusion";
import * as z from "zod";

/** A denoiser that is told an emotion, the latents it works on and the schedule it was trained with. */
export const reenactmentConfigSchema = z
  .strictObject({
    unet: unetConfigSchema,
    /** Eight labels in the order of the rows of the embedding table. */
    emotions: z.array(z.string().min(1)).length(8),
    /** Length of an emotion's embedding: the width of the one context token. */
    embeddingSize: z.int().positive(),
    parameterization: z.enum(["epsilon", "v", "x0"]).default("epsilon"),
    /** Linear in sqrt(beta), as the "linear" schedule of latent diffusion. */
    schedule: z.strictObject({
      linear_start: z.number().positive().lt(1),
      linear_end: z.number().positive().lt(1),
      timesteps: z.int().positive(),
    }),
    /** Latents are multiplied by it before diffusion and divided by it before they are decoded. */
    scaleFactor: z.number().positive().default(1),
    /** Name of the first-stage model that makes and decodes the latents. */
    firstStage: z.string().min(1),
    /** What stands for "no emotion" in guidance: a row of a table of its own. */
    null: z.literal("table").default("table"),
  })
  .refine((c) => c.unet.context_dim === c.embeddingSize, { message: "unet.context_dim must be embeddingSize" })
  .refine((c) => c.unet.in_channels === c.unet.out_channels, { message: "unet.in_channels must be unet.out_channels" })
  .refine((c) => new Set(c.emotions).size === c.emotions.length, { message: "emotions must differ" });

export type ReenactmentConfig = z.output<typeof reenactmentConfigSchema>;
