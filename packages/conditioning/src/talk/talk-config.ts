import { unetConfigSchema } from "@prosopon/core-diffusion";
import * as z from "zod";

const size = z.int().positive();

/** What a talking-face denoiser is told; each condition is left out by leaving it out (thesis Table 5.1). */
export const talkConditionsSchema = z.strictObject({
  /** The emotion as a token of `size` numbers, its absence as one more row of the table (reference 5.1). */
  emotion: z.strictObject({ size }).optional(),
  /** Speech around the frame: features by name, the window in video frames and how it becomes a token of `size` numbers. */
  audio: z
    .strictObject({
      features: z.string().min(1),
      /** Numbers for each video frame. */
      featureSize: size,
      before: z.int().min(0).max(256),
      after: z.int().min(0).max(256),
      encode: z.enum(["convolutional", "temporal-attention", "expanded-temporal-attention"]),
      size,
      /** Channels of the convolutions; 128 if not given. */
      hidden: size.optional(),
      /** How many convolutions; 2 if not given. */
      layers: size.optional(),
      /** Frames on either side of the target that make the token; all if not given. */
      near: z.int().min(0).optional(),
    })
    .optional(),
  /** 48 landmarks, the mouth excluded, as a token of 128 numbers. */
  landmarks: z.boolean().optional(),
  /** Numbers that move the portrait, such as the head's turn, measured from the identity picture. */
  controls: z.strictObject({ names: z.array(z.string().min(1)).min(1).readonly(), size }).optional(),
  /** The masked target frame beside the noisy latent; absent it is zero. */
  masked: z.boolean().optional(),
  /** The identity picture beside the noisy latent. */
  identity: z.boolean().optional(),
  /** How many of the latents made before stand beside the noisy latent. */
  motion: z.int().min(0).max(16).optional(),
});

/** A denoiser of talking faces, the latents it works on and the schedule it was trained with. Unknown keys are refused. */
export const talkConfigSchema = z.strictObject({
  unet: unetConfigSchema,
  /** Labels in the order of the rows of the embedding table. */
  emotions: z.array(z.string().min(1)).min(1).readonly(),
  conditions: talkConditionsSchema,
  /** Tokens enter by cross-attention, as in the thesis, or beside the time, which every residual block hears. */
  enter: z.enum(["tokens", "embedding"]),
  parameterization: z.enum(["epsilon", "v", "x0"]),
  /** Linear in sqrt(beta). */
  schedule: z.strictObject({
    linear_start: z.number().positive().lt(1),
    linear_end: z.number().positive().lt(1),
    timesteps: z.int().positive(),
  }),
  /** Latents are multiplied by it before diffusion. */
  scaleFactor: z.number().positive(),
  /**
   * What is denoised is the difference from the identity picture's latent, multiplied by this, so that what does not move stays by itself.
   * Absent: the latent itself, as in the thesis.
   */
  relative: z.number().positive().optional(),
  /** The rate that it was trained at. */
  framesPerSecond: z.number().positive().max(1000),
  /** Whether latents go through the codebook before they are decoded, as in the reference; without it neighbouring frames flicker less. */
  codebook: z.boolean(),
});

export type TalkConditions = z.output<typeof talkConditionsSchema>;
export type TalkConfig = z.output<typeof talkConfigSchema>;
