import type { Controls } from "@prosopon/conditioning";

/** What moves a portrait besides speech and emotion, each within about [-1, 1]. */
export const portraitControlNames = ["yaw", "pitch", "roll", "blink", "intensity"] as const;
export type PortraitControl = (typeof portraitControlNames)[number];

export interface PortraitMotion {
  /** Degrees, from the identity picture's own pose. */
  readonly yaw: number;
  readonly pitch: number;
  readonly roll: number;
  /** 0 open to 1 shut. */
  readonly blink: number;
}

/**
 * A moment's motion and the emotion's strength (0 neutral, 1 to 3 slight to strong) as the numbers that the default model was trained with.
 */
export const portraitControls = (
  { yaw, pitch, roll, blink }: PortraitMotion,
  intensity: number,
): Controls<PortraitControl> => ({ yaw: yaw / 3, pitch: pitch / 2, roll: roll / 1.5, blink, intensity: intensity / 3 });
