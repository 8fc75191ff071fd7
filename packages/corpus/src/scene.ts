import type { ActionUnits } from "./action-units.ts";
import type { Colour } from "./colour.ts";
import type { Emotion, Intensity } from "./emotion.ts";
import type { Framing, Pose } from "./head-pose.ts";
import type { Person } from "./person.ts";
import type { MouthShape, Viseme } from "./viseme.ts";

/** Where the light comes from and what it is like. */
export interface Light {
  /** -1 from the picture's left to 1 from its right. */
  readonly direction: number;
  /** 0 flat to 1 hard. */
  readonly strength: number;
  /** -1 cold to 1 warm. */
  readonly warmth: number;
  /** 0.7 dim to 1.15 bright. */
  readonly exposure: number;
}

export const backgroundStyles = ["plain", "gradient", "vignette", "bokeh", "window", "horizon", "stripes"] as const;
export type BackgroundStyle = (typeof backgroundStyles)[number];

export interface Background {
  readonly style: BackgroundStyle;
  readonly colour: Colour;
  readonly accent: Colour;
  /** Seed of what is placed at random in it. */
  readonly seed: number;
}

/**
 * One picture as plain data. Change `emotion` and render again for the same person, pose, light and background with another
 * face: the truth against which an edit is judged.
 */
export interface Scene {
  readonly identity: number;
  readonly emotion: Emotion;
  readonly intensity: Intensity;
  /** Seed of the expression's natural variation. */
  readonly variation: number;
  readonly pose: Pose;
  /** Where the eyes look: x -1 (picture's left) to 1, y -1 (up) to 1. */
  readonly gaze: { readonly x: number; readonly y: number };
  /** 0 open as the expression has it, to 1 shut. */
  readonly blink: number;
  readonly viseme: Viseme;
  readonly light: Light;
  readonly background: Background;
  readonly framing: Framing;
  /** Stands in for the person of `identity`: an edited or hand-made face. */
  readonly person?: Person;
  /** Stands in for the action units of the emotion. */
  readonly actionUnits?: ActionUnits;
  /** Stands in for the mouth shape of the viseme, for frames between two visemes. */
  readonly mouth?: MouthShape;
}

/** A complete scene: a frontal, evenly lit portrait before a plain wall, changed by `given`. */
export function scene(given: Pick<Scene, "identity"> & Partial<Scene>): Scene {
  return {
    emotion: "neutral",
    intensity: 2,
    variation: 0,
    pose: { yaw: 0, pitch: 0, roll: 0 },
    gaze: { x: 0, y: 0 },
    blink: 0,
    viseme: "silence",
    light: { direction: -0.4, strength: 0.5, warmth: 0.1, exposure: 1 },
    background: { style: "vignette", colour: [176, 186, 196], accent: [224, 222, 216], seed: 0 },
    framing: { x: 0, y: 0, scale: 1 },
    ...given,
  };
}
