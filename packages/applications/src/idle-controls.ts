import { type Intensity, idleMotion } from "@prosopon/corpus";
import { type PortraitControl, portraitControls } from "@prosopon/talking-face";

export interface IdleControlsOptions {
  readonly seed: number;
  readonly framesPerSecond: number;
  readonly emotion: string;
  readonly intensity: Intensity;
  /** Scales sway and nods; 0 keeps the head still. Blinks stay. */
  readonly motion?: number;
}

/** What moves a portrait at frame k, however long it speaks. */
export function idleControls({
  seed,
  framesPerSecond,
  emotion,
  intensity,
  motion = 1,
}: IdleControlsOptions): (index: number) => Readonly<Record<PortraitControl, number>> {
  const strength = emotion === "neutral" ? 0 : intensity;
  // A longer run of the same seed begins with the shorter one, so doubling changes nothing that was given.
  let known = idleMotion({ seed, frames: 1024, framesPerSecond });
  return (index) => {
    while (index >= known.length) known = idleMotion({ seed, frames: 2 * known.length, framesPerSecond });
    const { yaw, pitch, roll, blink } = known[index]!;
    return portraitControls({ yaw: motion * yaw, pitch: motion * pitch, roll: motion * roll, blink }, strength);
  };
}
