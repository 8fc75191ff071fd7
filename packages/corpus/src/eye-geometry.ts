import type { ActionUnits } from "./action-units.ts";
import type { Person } from "./person.ts";

/** One eye; curves run from the picture's left to its right, as functions of the place -1 (left) to 1 (right). */
export interface EyeGeometry {
  /** -1 the eye on the picture's left, 1 on its right. */
  readonly side: -1 | 1;
  readonly x: number;
  readonly width: number;
  readonly upper: (place: number) => number;
  readonly lower: (place: number) => number;
  /** Lid opening, 0 shut to about 1.5 wide. */
  readonly open: number;
}

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

/** Moves one eye by action units and blink. Lengths in 1/128 of the frame. */
export function eyeGeometry(p: Person, au: ActionUnits, blink: number, side: -1 | 1): EyeGeometry {
  const droop = 0.75 * au.AU43;
  const wide = 0.52 * au.AU5 * (1 - 0.3 * au.AU7);
  const squeeze = 0.22 * au.AU7 + 0.16 * au.AU6 + 0.2 * au.AU9;
  const open = clamp((1 + wide - droop - squeeze) * (1 - blink), 0, 1.6);
  const upperHeight = 4.5 * p.eyeHeight * (1 + 0.1 * au.AU1 * au.AU4);
  const lowerHeight = 2.7 * p.eyeHeight;
  const lowerOpen = 1 + 0.22 * au.AU5 - 0.5 * au.AU6 - 0.55 * au.AU7 - 0.3 * au.AU9 - 0.2 * au.AU12;
  // In grief the upper lid follows the inner brow up and sags outside.
  const grief = 1.4 * Math.min(1, 1.4 * au.AU1 * au.AU4) * (1 - 0.6 * au.AU5);
  const tilt = p.eyeTilt * 0.5;
  const outwards = (place: number): number => place * side;
  const base = (place: number): number => 0.2 - tilt * outwards(place);
  const dome = (place: number, power: number): number => Math.max(0, 1 - place * place) ** power;
  const lower = (place: number): number =>
    base(place) + lowerHeight * Math.max(0.12, lowerOpen) * dome(place, 0.75) * (1 + 0.16 * outwards(place));
  const upper = (place: number): number => {
    const o = outwards(place);
    const full =
      base(place) - upperHeight * (1 + wide) * dome(place, 0.62) * (1 - 0.1 * o) + grief * o * dome(place, 0.5);
    const closed = lower(place);
    const share = clamp(open / (1 + wide), 0, 1);
    return Math.min(closed, closed + (full - closed) * share);
  };
  return { side, x: side * p.eyeDistance, width: p.eyeWidth, upper, lower, open };
}
