import * as z from "zod";

/** Linear in sqrt(beta), as the "linear" schedule of latent diffusion. */
export const scheduleSchema = z.strictObject({
  linear_start: z.number().positive().lt(1),
  linear_end: z.number().positive().lt(1),
  timesteps: z.int().positive(),
  /** Shifted and scaled so that the last time is pure noise (`zeroTerminal`); for networks that predict v or x0. */
  zeroTerminal: z.boolean().optional(),
});

/** What every network that works on latents is told of them. */
export const latentFields = {
  parameterization: z.enum(["epsilon", "v", "x0"]).default("epsilon"),
  schedule: scheduleSchema,
  /** Latents are multiplied by it before diffusion and divided by it before they are decoded. */
  scaleFactor: z.number().positive().default(1),
  /** Name of the first-stage model that makes and decodes the latents. */
  firstStage: z.string().min(1),
} as const;
