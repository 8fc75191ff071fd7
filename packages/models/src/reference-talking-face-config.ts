import { unetConfigSchema } from "@prosopon/core-diffusion";
import * as z from "zod";
import { latentFields } from "./latent-fields.ts";

/**
 * The talking face that the thesis published: a U-Net over noisy, masked and identity latents, told one token of emotion ‖ audio, the audio
 * being a window of features under temporal attention.
 */
export const referenceTalkingFaceConfigSchema = z
  .strictObject({
    unet: unetConfigSchema,
    /** Labels in the order of the rows of the embedding table, which has one row more: no emotion. */
    emotions: z.array(z.string().min(1)).min(1),
    /** Length of an emotion's embedding. */
    emotionSize: z.int().positive(),
    audio: z.strictObject({
      /** Numbers of one frame's features. */
      size: z.int().positive(),
      /** Frames of a window: 2w+1, the middle one is the target's. */
      window: z.int().positive(),
    }),
    ...latentFields,
  })
  .refine((c) => c.unet.context_dim === c.emotionSize + c.audio.size, {
    message: "unet.context_dim must be emotionSize + audio.size",
  })
  .refine((c) => c.unet.in_channels === 3 * c.unet.out_channels, {
    message: "unet.in_channels must be three times unet.out_channels (noisy, masked, identity)",
  })
  .refine((c) => c.audio.window % 2 === 1, { message: "audio.window must be odd" });

export type ReferenceTalkingFaceConfig = z.output<typeof referenceTalkingFaceConfigSchema>;
