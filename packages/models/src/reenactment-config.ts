import { unetConfigSchema } from "@prosopon/core-diffusion";
import * as z from "zod";
import { latentFields } from "./latent-fields.ts";

/** A denoiser that is told an emotion, the latents it works on and the schedule it was trained with. */
export const reenactmentConfigSchema = z
  .strictObject({
    unet: unetConfigSchema,
    /** Eight labels in the order of the rows of the embedding table. */
    emotions: z.array(z.string().min(1)).length(8),
    /** Length of an emotion's embedding: the width of the one context token. */
    embeddingSize: z.int().positive(),
    ...latentFields,
    /** Guidance on the way to noise is no more than this where an edit does not say; absent: as much as on the way back. */
    guidance: z.number().min(0).max(100).optional(),
    inversionGuidance: z.number().min(0).max(100).optional(),
    /** What stands for "no emotion" in guidance: a row of a table of its own. */
    null: z.literal("table").default("table"),
  })
  .refine((c) => c.unet.context_dim === c.embeddingSize, { message: "unet.context_dim must be embeddingSize" })
  .refine((c) => c.unet.in_channels === c.unet.out_channels, { message: "unet.in_channels must be unet.out_channels" })
  .refine((c) => !c.schedule.zeroTerminal || c.parameterization !== "epsilon", {
    message: "epsilon says nothing at the end of a zeroTerminal schedule: parameterization must be v or x0",
  })
  .refine((c) => new Set(c.emotions).size === c.emotions.length, { message: "emotions must differ" });

export type ReenactmentConfig = z.output<typeof reenactmentConfigSchema>;
