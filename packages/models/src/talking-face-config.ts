import { talkConfigSchema } from "@prosopon/conditioning";
import * as z from "zod";

/** A denoiser that makes portraits speak, and the first stage whose latents it works on. */
export const talkingFaceConfigSchema = z
  .strictObject({
    ...talkConfigSchema.shape,
    /** Side of the latents that it was trained on. */
    latentSide: z.int().positive(),
    /** Name of the first-stage model that makes and decodes the latents. */
    firstStage: z.string().min(1),
  })
  .refine((c) => new Set(c.emotions).size === c.emotions.length, { message: "emotions must differ" });

export type TalkingFaceConfig = z.output<typeof talkingFaceConfigSchema>;
