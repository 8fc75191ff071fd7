import { ProsoponError } from "@prosopon/errors";
import { philox } from "@prosopon/random";

export interface IdleMotionOptions {
  readonly seed: number;
  readonly frames: number;
  readonly framesPerSecond: number;
}

/** What a listening or speaking head does besides: offsets to the pose in degrees, and the lids. */
export interface IdleFrame {
  /** Degrees, within 3 either way. */
  readonly yaw: number;
  /** Degrees, within 2 either way. */
  readonly pitch: number;
  /** Degrees, within 1.5 either way. */
  readonly roll: number;
  /** 0 open to 1 shut. */
  readonly blink: number;
}

/** Half the length of a blink in seconds. */
const blinkHalf = 0.1;

/**
 * Slow sway of the head and a blink every 2 to 5 seconds. Frame k shows the time (k + 1/2) / framesPerSecond; a longer run of
 * the same seed begins with the shorter one.
 * @throws ProsoponError `bad-input` for a number of frames that is not whole, or a rate that is not above 0.
 */
export function idleMotion({ seed, frames, framesPerSecond }: IdleMotionOptions): IdleFrame[] {
  if (!(framesPerSecond > 0) || !Number.isSafeInteger(frames) || frames < 0) {
    throw new ProsoponError("bad-input", `${frames} frames at ${framesPerSecond} per second make no motion.`, {
      values: { frames, framesPerSecond },
      mend: "Give a whole number of frames from 0 and a rate above 0.",
    });
  }
  const random = philox(seed, "corpus/idle/sway");
  const sway = Array.from({ length: 3 }, () => {
    const waves = Array.from(
      { length: 3 },
      (_, wave) => [(0.2 + 0.35 * wave) * (0.8 + 0.4 * random.uniform()), random.uniform()] as const,
    );
    return (time: number) =>
      waves.reduce((sum, [frequency, phase]) => sum + Math.sin(2 * Math.PI * (frequency * time + phase)), 0) / 3;
  });
  const lids = philox(seed, "corpus/idle/blink");
  let blinkAt = 0.5 + 2 * lids.uniform();
  return Array.from({ length: frames }, (_, frame): IdleFrame => {
    const time = (frame + 0.5) / framesPerSecond;
    while (time > blinkAt + blinkHalf) blinkAt += 2 + 3 * lids.uniform();
    return {
      yaw: 3 * sway[0]!(time),
      pitch: 2 * sway[1]!(time),
      roll: 1.5 * sway[2]!(time),
      blink: Math.max(0, 1 - Math.abs(time - blinkAt) / blinkHalf),
    };
  });
}
