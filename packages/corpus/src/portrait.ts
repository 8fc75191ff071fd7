import type { ActionUnits } from "./action-units.ts";
import { type Canvas, tonesOf } from "./canvas.ts";
import { css, mix } from "./colour.ts";
import { drawing } from "./drawing.ts";
import { type Emotion, emotionIndex, emotionOf, type Intensity } from "./emotion.ts";
import type { Point } from "./head-pose.ts";
import { paintBackHair } from "./paint-back-hair.ts";
import { paintBackground } from "./paint-background.ts";
import { paintBeard } from "./paint-beard.ts";
import { paintBody } from "./paint-body.ts";
import { paintBrows } from "./paint-brows.ts";
import { paintEyes } from "./paint-eyes.ts";
import { paintGlasses } from "./paint-glasses.ts";
import { paintHair } from "./paint-hair.ts";
import { paintEars, paintFolds, paintHead } from "./paint-head.ts";
import { paintMouth } from "./paint-mouth.ts";
import { paintNose } from "./paint-nose.ts";
import type { Scene } from "./scene.ts";
import { faceLandmarks, sceneFace } from "./scene-face.ts";
import type { Viseme } from "./viseme.ts";

/** What is true of a picture, exactly. */
export interface PortraitLabels {
  readonly emotion: Emotion;
  /** 0..7, the index of `emotion`. */
  readonly emotionIndex: number;
  readonly intensity: Intensity;
  readonly actionUnits: ActionUnits;
  readonly identity: number;
  readonly viseme: Viseme;
}

export interface Portrait {
  /** A complete SVG document with a 128 x 128 view box; scale it to any size. */
  readonly svg: string;
  /** 68 points in iBUG order, [x, y] in 0..1 of the frame's width and height, from its upper left corner. */
  readonly landmarks: readonly Point[];
  readonly labels: PortraitLabels;
}

export interface PortraitOptions {
  /** Goes before every id in the SVG, so that several portraits can stand in one document. */
  readonly prefix?: string;
}

/**
 * Draws a scene.
 * @throws ProsoponError `bad-input` for an unknown emotion, intensity or viseme.
 */
export function portrait(scene: Scene, { prefix = "" }: PortraitOptions = {}): Portrait {
  const moved = sceneFace(scene);
  const { person, actionUnits: units, face, to } = moved;
  const emotion = emotionOf(scene.emotion);
  const pen = drawing(prefix);
  const canvas: Canvas = {
    pen,
    to,
    person,
    face,
    actionUnits: units,
    scene,
    tones: tonesOf(person.skin),
    all: (points) => points.map(to.head),
    size: scene.framing.scale,
  };
  paintBackground(canvas);
  paintBackHair(canvas);
  paintBody(canvas);
  paintEars(canvas);
  paintHead(canvas);
  paintFolds(canvas);
  paintNose(canvas);
  paintEyes(canvas);
  paintBeard(canvas);
  paintMouth(canvas);
  paintBrows(canvas);
  paintHair(canvas);
  paintGlasses(canvas);
  paintLight(canvas);
  return {
    svg: pen.finish(),
    landmarks: faceLandmarks(moved),
    labels: {
      emotion,
      emotionIndex: emotionIndex(emotion),
      intensity: scene.intensity,
      actionUnits: units,
      identity: scene.identity,
      viseme: scene.viseme,
    },
  };
}

/** Colour and strength of the light over the whole picture. */
function paintLight({ pen, scene: { light } }: Canvas): void {
  const tint = light.warmth > 0 ? ([255, 176, 92] as const) : ([96, 150, 255] as const);
  const frame = "M0 0H128V128H0Z";
  const side = 64 + 64 * Math.sign(light.direction || 1);
  const shade = 0.28 * light.strength * Math.abs(light.direction);
  pen.path(frame, {
    fill: pen.linear(
      [side, 0],
      [128 - side, 30],
      [
        [0, [255, 250, 240], shade * 0.4],
        [0.5, [20, 14, 26], 0],
        [1, [20, 14, 26], shade],
      ],
    ),
  });
  // Tint, then exposure, as one coat: two coats of opacity p and q are one of 1 - (1 - p)(1 - q).
  const p = 0.12 * Math.abs(light.warmth);
  const q = Math.min(0.6, Math.abs(1 - light.exposure));
  const opacity = 1 - (1 - p) * (1 - q);
  if (opacity < 0.005) return;
  const bright = light.exposure > 1 ? ([255, 255, 255] as const) : ([5, 6, 12] as const);
  pen.path(frame, { fill: css(mix(tint, bright, q / opacity)), opacity });
}
