import type { Random } from "@prosopon/random";
import type { FacePoint } from "./head-pose.ts";
import type { Person } from "./person.ts";

/** The hair's outline over the head, `top` and `side` outside the skull, from the picture's left at `endY` to its right. */
export function dome(
  person: Person,
  top: number,
  side: number,
  endY: number,
  wobble = 0,
  random?: Random,
): FacePoint[] {
  const [w, h] = [person.faceWidth + side, person.foreheadHeight - 3 + top];
  const steps = wobble > 0 ? 26 : 14;
  const arc = Array.from({ length: steps + 1 }, (_, step): FacePoint => {
    const angle = Math.PI * (1 - step / steps);
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const bump = wobble * (step % 2 === 0 ? 1 : -0.4) * (random ? 0.6 + 0.8 * random.uniform() : 1);
    return [(w + bump) * Math.sign(cos) * Math.abs(cos) ** 0.82, -3 - (h + bump) * sin ** 0.88, -2];
  });
  return [[-w * 0.985, endY, -2], ...arc, [w * 0.985, endY, -2]];
}

/** A round mass of curls, `grow` outside the skull, from below one ear over the crown to the other. */
export function cloud(person: Person, grow: number, reach: number, wobble: number, random: Random): FacePoint[] {
  const middle = -10;
  const [rx, ry] = [person.faceWidth + grow, person.foreheadHeight + middle + grow];
  const steps = 32;
  return Array.from({ length: steps + 1 }, (_, step): FacePoint => {
    const angle = Math.PI + reach - ((Math.PI + 2 * reach) * step) / steps;
    const bump = 1 + (wobble * (step % 2 === 0 ? 1 : -0.5) * (0.6 + 0.8 * random.uniform())) / rx;
    // Below the middle the mass hangs as far as it is wide.
    const y = Math.sin(angle);
    return [rx * bump * Math.cos(angle), middle - (y < 0 ? rx : ry) * bump * y, -2];
  });
}

/** Points of the scalp by share of the head's half width; their depth falls to nothing at the head's outline. */
export function scalp(person: Person, points: readonly (readonly [part: number, y: number])[]): FacePoint[] {
  return points.map(([part, y]) => [
    part * (person.faceWidth + 0.6),
    y,
    22 * Math.sqrt(Math.max(0, 1 - part ** 2 - ((y + 3) / (person.foreheadHeight + 4)) ** 2)),
  ]);
}

/** A hairline alike on both sides, `height` in the middle, sideburns down to `endY`. */
export function evenHairline(person: Person, endY: number, height: number): FacePoint[] {
  const half = [
    [0.985, endY],
    [0.94, endY - 9],
    [0.85, height + 11],
    [0.76, height + 4],
    [0.45, height + 0.4],
  ] as const;
  return scalp(person, [...half.map(([part, y]) => [-part, y] as const), [0, height], ...[...half].reverse()]);
}

/** Combed from the parting: high there, sweeping `low` over the other temple. */
export function sweptHairline(person: Person, endY: number, height: number, low: number): FacePoint[] {
  const points = [
    [-0.985, endY],
    [-0.93, height + 14],
    [-0.78, height + 4],
    [-0.42, height - 2.5],
    [0, height + low * 0.4],
    [0.45, height + low * 0.85],
    [0.8, height + low + 4],
    [0.95, Math.max(height + low + 9, endY - 8)],
    [0.985, endY],
  ] as const;
  return scalp(person, person.parting === 1 ? points : points.map(([part, y]) => [-part, y] as const).reverse());
}

/** The point at share 0..1 of a polyline, by index. */
export function along(points: readonly FacePoint[], share: number): FacePoint {
  const place = Math.max(0, Math.min(1, share)) * (points.length - 1);
  const index = Math.min(points.length - 2, Math.floor(place));
  return lerp(points[index] as FacePoint, points[index + 1] as FacePoint, place - index);
}

export function lerp(a: FacePoint, b: FacePoint, amount: number): FacePoint {
  return [a[0] + (b[0] - a[0]) * amount, a[1] + (b[1] - a[1]) * amount, a[2] + (b[2] - a[2]) * amount];
}
