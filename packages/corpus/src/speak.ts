import { ProsoponError } from "@prosopon/errors";
import { idleMotion } from "./idle-motion.ts";
import type { Scene } from "./scene.ts";
import { blendMouthShapes, type MouthShape, mouthShape, type Viseme } from "./viseme.ts";

export interface SpeakOptions {
  /** The person, emotion, light and background of every frame. */
  readonly scene: Scene;
  /** What is said: mouth shapes in order, with their lengths in seconds. */
  readonly track: readonly { readonly viseme: Viseme; readonly seconds: number }[];
  /** 25 if not given, as in MEAD. */
  readonly framesPerSecond?: number;
  /** Seed of blinks and head movement. */
  readonly seed?: number;
}

/** Half the time in seconds that the mouth takes from one shape to the next. */
const glide = 0.045;

/**
 * The frames of a talking portrait: neighbouring mouth shapes glide into each other, the eyes blink, the head sways a little
 * about the scene's pose. Frame k shows the time (k + 1/2) / framesPerSecond.
 * @throws ProsoponError `bad-input` for a length that is not positive or an unknown viseme.
 */
export function speak({ scene, track, framesPerSecond = 25, seed = 0 }: SpeakOptions): Scene[] {
  const spans: { viseme: Viseme; shape: MouthShape; end: number }[] = [];
  let total = 0;
  for (const { viseme, seconds } of track) {
    if (!(seconds > 0)) {
      throw new ProsoponError("bad-input", `The viseme ${JSON.stringify(viseme)} lasts ${seconds} seconds.`, {
        values: { viseme, seconds },
        mend: "Give every viseme a length above 0.",
      });
    }
    total += seconds;
    spans.push({ viseme, shape: mouthShape(viseme), end: total });
  }
  const frames = Math.round(total * framesPerSecond);
  const idle = idleMotion({ seed, frames, framesPerSecond });
  let current = 0;
  return Array.from({ length: frames }, (_, frame): Scene => {
    const time = (frame + 0.5) / framesPerSecond;
    while (current < spans.length - 1 && spans[current]!.end <= time) current += 1;
    const { viseme, shape, end } = spans[current]!;
    const [before, after] = [spans[current - 1], spans[current + 1]];
    const start = before?.end ?? 0;
    // Half of each glide lies on either side of the boundary, so both halves meet at an even mixture.
    const ease = (distance: number): number => 0.5 * (1 - Math.sin((Math.PI / 2) * Math.min(1, distance / glide)));
    let mouth = shape;
    if (before && time - start < end - time) mouth = blendMouthShapes(shape, before.shape, ease(time - start));
    else if (after) mouth = blendMouthShapes(shape, after.shape, ease(end - time));
    const offset = idle[frame]!;
    const { yaw, pitch, roll } = scene.pose;
    return {
      ...scene,
      viseme,
      mouth,
      blink: Math.max(scene.blink, offset.blink),
      pose: { yaw: yaw + offset.yaw, pitch: pitch + offset.pitch, roll: roll + offset.roll },
    };
  });
}
