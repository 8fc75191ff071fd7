import { ProsoponError } from "@prosopon/errors";
import * as z from "zod";
import { usualSettings } from "./usual-settings.ts";

/** The numbers of a synthesis; unknown keys are refused. */
export const talkSettingsSchema = z.strictObject({
  /** Network steps for each frame, 1..1000. */
  steps: z.int().min(1).max(1000).default(usualSettings.steps),
  /** Weight of the emotion: 1 is plain, more exaggerates (one more branch of the network). 0..20. */
  guidance: z.number().min(0).max(20).default(usualSettings.guidance),
  /** Weight of the speech, in the same way. 0..20. */
  audioGuidance: z.number().min(0).max(20).default(usualSettings.audioGuidance),
  /**
   * How far the emotion's weight above 1 gives way where the speech moves the picture's lower half, so that a mouth that speaks is not exaggerated as well: it
   * is halved where leaving the speech out would change the prediction by 1 / giveWay (root mean square over channels). 0: not at all.
   */
  giveWay: z.number().min(0).max(1000).default(3),
  /** η of DDIM, 0..1: fresh noise at every step. */
  eta: z.number().min(0).max(1).default(0),
  /** Names the noise. */
  seed: z.int().min(0).default(0),
  /**
   * "anchored" (default): the portrait stays the identity picture, so that nothing drifts. "previous": the last frame takes its place, the
   * thesis' scheme.
   */
  identity: z.enum(["anchored", "previous"]).default("anchored"),
  /**
   * "made": a frame sees the latents made before it, so that motion goes on. "rest": it sees the identity picture's in their place, as the first frame
   * does, so that no error is handed on.
   */
  history: z.enum(["made", "rest"]).default("rest"),
  /** "still" (default): all frames start from the same noise, which keeps them calm. "fresh": each from its own, as in the thesis. */
  noise: z.enum(["still", "fresh"]).default("still"),
  /** Gives places that keep looking like the portrait the fine detail that the first stage loses. */
  detail: z.boolean().default(true),
});

export type TalkSettings = z.output<typeof talkSettingsSchema>;
export type TalkSettingsInput = z.input<typeof talkSettingsSchema>;

/** Settings with their defaults. @throws `bad-input` naming the value and its range, or the unknown key. */
export function talkSettings(input: TalkSettingsInput): TalkSettings {
  const result = talkSettingsSchema.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".") || "settings"}: ${message}`);
  throw new ProsoponError("bad-input", `These are no settings of a talking face: ${problems.join("; ")}.`, {
    values: { problems },
    mend: `It has ${Object.keys(talkSettingsSchema.shape).join(", ")}.`,
  });
}
