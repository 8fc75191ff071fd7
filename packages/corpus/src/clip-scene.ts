import { sample } from "./sample.ts";
import type { Scene } from "./scene.ts";
import type { Split } from "./split.ts";

/**
 * Who clip `seed` of a split shows, with which emotion, light and base pose, before anything is said: eyes open, mouth at rest.
 * @throws ProsoponError `bad-input` if `seed` is not a whole number from 0.
 */
export function clipScene(seed: number, split: Split): Scene {
  const drawn = sample({ seed: 503, index: seed, split, speaking: 0 });
  const { yaw, pitch, roll } = drawn.pose;
  return {
    ...drawn,
    blink: 0,
    // Calmer than single pictures: a speaker faces the camera, and the idle motion comes on top.
    pose: { yaw: 0.7 * yaw, pitch: 0.7 * pitch, roll: 0.7 * roll },
    gaze: { x: 0.4 * drawn.gaze.x, y: 0.4 * drawn.gaze.y },
  };
}
