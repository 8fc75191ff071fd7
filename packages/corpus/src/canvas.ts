import type { ActionUnits } from "./action-units.ts";
import { type Colour, mix, scale } from "./colour.ts";
import type { Drawing } from "./drawing.ts";
import type { FaceGeometry } from "./face-geometry.ts";
import type { FacePoint, Point, Projection } from "./head-pose.ts";
import type { Person } from "./person.ts";
import type { Scene } from "./scene.ts";

/** What every painter needs: the pen, the projection, the person and the moved face. */
export interface Canvas {
  readonly pen: Drawing;
  readonly to: Projection;
  readonly person: Person;
  readonly face: FaceGeometry;
  readonly actionUnits: ActionUnits;
  readonly scene: Scene;
  readonly tones: Tones;
  /** Projects many points of the head. */
  readonly all: (points: readonly FacePoint[]) => Point[];
  /** Frame units per face unit. */
  readonly size: number;
}

/** The shades of one skin. */
export interface Tones {
  readonly skin: Colour;
  readonly highlight: Colour;
  readonly shade: Colour;
  readonly deep: Colour;
  readonly line: Colour;
  readonly blush: Colour;
}

export function tonesOf(skin: Colour): Tones {
  const shade = mix(scale(skin, 0.76), [150, 56, 44], 0.16);
  return {
    skin,
    highlight: mix(skin, [255, 246, 232], 0.4),
    shade,
    deep: mix(scale(skin, 0.5), [96, 30, 28], 0.25),
    line: mix(scale(skin, 0.4), [60, 20, 20], 0.35),
    blush: mix(skin, [214, 74, 74], 0.6),
  };
}
