import type { ActionUnits } from "./action-units.ts";
import type { Person } from "./person.ts";
import type { MouthShape } from "./viseme.ts";

/** The mouth's curves: height (y) over the place t, -1 (left corner) to 1 (right corner). */
export interface MouthGeometry {
  readonly width: number;
  readonly x: (place: number) => number;
  readonly upperOuter: (place: number) => number;
  readonly upperInner: (place: number) => number;
  readonly lowerInner: (place: number) => number;
  readonly lowerOuter: (place: number) => number;
  /** Lower edge of the upper teeth and upper edge of the lower teeth, before the lips cover them. */
  readonly upperTeeth: (place: number) => number;
  readonly lowerTeeth: (place: number) => number;
  readonly centre: number;
  readonly lift: number;
  /** Inner opening in the middle. */
  readonly gap: number;
  readonly tongue: number;
}

/** Inner corners lie at this place of the outer mouth, so that the lips meet before they end. */
export const innerMouth = 0.88;
/** Moves the mouth by action units and speech; `jawDrop` 0..1. Lengths in 1/128 of the frame. */
export function mouthGeometry(p: Person, au: ActionUnits, shape: MouthShape, jawDrop: number): MouthGeometry {
  const free = 1 - 0.75 * shape.speech;
  const held = 1 - shape.closure;
  const left = Math.min(1, au.AU12 + au.R12);
  const right = Math.min(1, au.AU12 + au.L12);
  const dimpleLeft = Math.min(1, au.AU14 + au.R14);
  const dimpleRight = Math.min(1, au.AU14 + au.L14);
  const smile = Math.max(left, right);
  const tight = Math.min(1, 0.6 * au.AU23 + 0.5 * au.AU24 + 0.5 * shape.closure);
  const round = Math.min(1, 0.7 * au.AU18 + 0.5 * au.AU22 + shape.protrusion);
  const spread = 2.6 * au.AU20 + 2.6 * Math.max(0, shape.width) - 3.6 * Math.max(0, -shape.width) - 3 * au.AU18;
  const tightened = p.mouthWidth + spread - 1.4 * au.AU23 - 1.2 * au.AU24;
  const width = tightened * (1 - 0.24 * jawDrop * (1 - au.AU12) * (1 - au.AU20));
  const xLeft = -(width + 3.2 * left + 1.2 * dimpleLeft);
  const xRight = width + 3.2 * right + 1.2 * dimpleRight;

  const rest = p.noseLength + 4.6 + 20 * p.mouthHeight;
  const sneer = 2.6 * au.AU10 + 1.9 * au.AU9;
  const middle = rest - 1.6 * au.AU17 - 0.25 * sneer + 0.6 * smile;
  const fall = 4.3 * au.AU15 + 0.8 * au.AU20 + 0.3 * au.AU9;
  const corner = (action: number, dimple: number, uneven: number): number =>
    rest - 0.5 - (6.4 * action + 2.2 * dimple) * uneven + fall + 4.4 * jawDrop * (1 - 0.7 * action);
  const yLeft = corner(left, dimpleLeft, 1 - p.asymmetry);
  const yRight = corner(right, dimpleRight, 1 + p.asymmetry);

  const parted = au.AU25 * free;
  const up = (1.3 + 1.7 * au.AU12 + 0.6 * sneer) * parted + 1.9 * shape.upper + 0.9 * jawDrop;
  const lowerRaised = Math.max(0, -shape.lower);
  const spoken = 1.9 * Math.max(0, shape.lower) - 1.6 * lowerRaised;
  const down = (1.7 + 2.3 * au.AU12 + 2.2 * au.AU16) * parted + spoken + 12 * jawDrop;
  const [gapUp, gapDown] = [held * up, held * Math.max(0, down)];

  const thin = (1 - 0.62 * tight) * (1 - 0.16 * smile) * (1 - 0.046 * Math.max(0, spread));
  const upperLip = p.upperLip * thin * (1 + 0.35 * round) * (1 + 0.15 * au.AU10);
  const pushed = (1 + 0.3 * round) * (1 + 0.18 * au.AU17) * (1 + 0.1 * au.AU10);
  const lowerLip = p.lowerLip * thin * pushed * (1 - 0.12 * jawDrop) * (1 - 0.35 * lowerRaised);

  // A smile is one even bow; corners pulled down turn only near the ends.
  const bend = 1.75 + 0.7 * Math.min(1, au.AU15 + 0.3 * au.AU9);
  const wave = (t: number): number =>
    0.36 * Math.exp(-((t / 0.17) ** 2)) - 0.24 * Math.exp(-(((Math.abs(t) - 0.42) / 0.2) ** 2));
  const waviness = (1 - tight) * (1 - 0.7 * smile) * Math.max(0.25, 1 - 0.35 * (gapUp + gapDown));
  const line = (t: number): number => {
    const share = Math.abs(t) ** bend;
    return (t < 0 ? yLeft : yRight) * share + middle * (1 - share) + waviness * wave(t);
  };
  const power = 0.62 - 0.1 * Math.min(1, jawDrop + parted);
  const dome = (t: number): number => Math.max(0, 1 - (t / innerMouth) ** 2) ** power;
  const square = (t: number): number => Math.max(0, 1 - Math.abs(t / innerMouth) ** 3);
  const upperInner = (t: number): number => line(t) - gapUp * dome(t) - 0.22 * sneer * square(t);
  const lowerInner = (t: number): number =>
    Math.max(upperInner(t), line(t) + gapDown * dome(t) - 0.22 * sneer * (1 - parted) * square(t));
  const rim = (t: number, exponent: number): number => Math.max(0, 1 - Math.abs(t) ** exponent);
  const bow = (t: number): number =>
    0.94 -
    0.3 * (1 - 0.7 * round) * Math.exp(-((t / 0.13) ** 2)) +
    0.12 * Math.exp(-(((Math.abs(t) - 0.26) / 0.16) ** 2));
  return {
    width,
    x: (t) => (t < 0 ? -t * xLeft : t * xRight),
    upperInner,
    lowerInner,
    upperOuter: (t) => upperInner(t) - upperLip * rim(t, 1.7) * bow(t),
    lowerOuter: (t) => lowerInner(t) + lowerLip * rim(t, 2.4),
    upperTeeth: (t) =>
      0.55 * (line(t) - waviness * wave(t)) + 0.45 * rest + 2 + 1.1 * smile - 0.3 * sneer - 0.6 * t * t,
    lowerTeeth: (t) =>
      0.4 * (line(t) - waviness * wave(t)) + 0.6 * rest + 10.6 * jawDrop + 1.7 + 0.4 * t * t - 0.8 * au.AU12,
    centre: rest,
    lift: 3 + 2.5 * round,
    gap: gapUp + gapDown,
    tongue: shape.tongue,
  };
}
