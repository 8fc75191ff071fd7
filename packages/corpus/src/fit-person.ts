import { ProsoponError } from "@prosopon/errors";
import { type ActionUnit, actionUnitsOf } from "./action-units.ts";
import { boundedLeastSquares, type Unknown } from "./bounded-least-squares.ts";
import type { Framing, Point, Pose } from "./head-pose.ts";
import type { Person } from "./person.ts";
import { person as personOf } from "./person.ts";
import { type Scene, scene } from "./scene.ts";
import { sceneLandmarks } from "./scene-face.ts";

/** What landmarks tell of a person: usual value, spread and limits, about as `person` draws them. */
const shape = {
  faceWidth: [35.7, 1.3, 31.5, 40],
  faceHeight: [53.5, 1.6, 48, 60],
  jawSquareness: [0.45, 0.25, 0, 1],
  jawTaper: [0.15, 0.08, 0, 0.38],
  cheekbones: [0.5, 0.25, 0, 1],
  eyeDistance: [16.5, 0.6, 14.8, 18.2],
  eyeWidth: [8.3, 0.5, 7, 9.6],
  eyeHeight: [1, 0.1, 0.74, 1.28],
  eyeTilt: [0.7, 0.8, -1.6, 2.8],
  browHeight: [-11.1, 0.9, -13.6, -8.6],
  browArch: [1.9, 0.8, 0.2, 3.8],
  browSlant: [-0.35, 0.7, -2.2, 1.6],
  browLength: [1.01, 0.05, 0.88, 1.14],
  noseLength: [17.7, 1.1, 14.8, 21],
  noseWidth: [7.6, 0.9, 5.2, 10.2],
  mouthWidth: [13.1, 0.9, 10.8, 15.6],
  mouthHeight: [0.5, 0.03, 0.42, 0.58],
  upperLip: [2.7, 0.5, 1.3, 4.3],
  lowerLip: [3.9, 0.6, 2.2, 5.6],
} as const satisfies Partial<Record<keyof Person, readonly [number, number, number, number]>>;

const place = {
  yaw: [0, 12, -40, 40],
  pitch: [0, 8, -25, 25],
  roll: [0, 8, -40, 40],
  x: [0, 4, -30, 30],
  y: [0, 4, -30, 30],
  scale: [1, 0.1, 0.5, 1.8],
} as const;

/** What the face does in the picture, so that a laugh is not taken for a wide mouth. */
const moves = {
  AU1: [0, 0.15, 0, 1],
  AU2: [0, 0.15, 0, 1],
  AU4: [0, 0.15, 0, 1],
  AU5: [0, 0.15, 0, 1],
  AU7: [0, 0.2, 0, 1],
  AU12: [0, 0.35, 0, 1],
  AU15: [0, 0.15, 0, 1],
  AU20: [0, 0.15, 0, 1],
  AU24: [0, 0.15, 0, 1],
  AU25: [0, 0.35, 0, 1],
  AU26: [0, 0.3, 0, 1],
  AU43: [0, 0.15, 0, 1],
} as const satisfies Partial<Record<ActionUnit, readonly [number, number, number, number]>>;

export interface FittedPerson {
  /** The person, with what landmarks do not tell as `base` had it. */
  readonly person: Person;
  /** The person as in the picture: turned and moved like there. */
  readonly seen: Scene;
  /** Mean distance of the landmarks from those of `seen`, and from those of `base` in the same place, in distances between the eyes. */
  readonly error: number;
  readonly errorBefore: number;
}

const shapeNames = Object.keys(shape) as (keyof typeof shape)[];
const placeNames = Object.keys(place) as (keyof typeof place)[];
const moveNames = Object.keys(moves) as (keyof typeof moves)[];

/** Photographs may show what is not drawn: limits are those of the drawn people with two spreads beyond. */
const wide = ([start, spread, low, high]: readonly [number, number, number, number]) =>
  [start, 1.5 * spread, low - 2 * spread, high + 2 * spread] as const;

const unknown = ([start, spread, low, high]: readonly [number, number, number, number]): Unknown => ({
  start,
  spread,
  low,
  high,
});

/** Of what landmarks tell: the value of a middling person, and the limits of those who are drawn. */
export const personLimits = Object.fromEntries(
  shapeNames.map((name) => [name, { start: shape[name][0], low: shape[name][2], high: shape[name][3] }]),
) as Readonly<Record<keyof typeof shape, { readonly start: number; readonly low: number; readonly high: number }>>;

/** A person of middling shape. */
export const ordinaryPerson = (): Person => ({
  ...personOf(0),
  ...Object.fromEntries(shapeNames.map((name) => [name, shape[name][0]])),
  age: 35,
  femininity: 0.5,
  foreheadHeight: 41,
  monolid: 0.25,
  irisSize: 4.5,
  lashes: 0.3,
  browThickness: 2.7,
  noseBridge: 0.65,
  earSize: 1,
  earring: false,
  beard: "none",
  glasses: "none",
  freckles: 0,
  moles: [],
  shoulders: 53,
  asymmetry: 0,
});

/** One standard deviation of a landmark, in 1/128 of the frame: detectors agree about eyes and mouth, less about jaw and brows. */
const deviation = (index: number): number => (index < 17 ? 2.2 : index < 27 ? 1.6 : index < 36 ? 1 : 0.8);

/**
 * The person whose 68 landmarks come nearest to those of a picture (iBUG order, as fractions of a square frame in which the face lies about where
 * the corpus draws it). Pose, place and expression of the picture are found too, and kept apart from the person.
 * @throws `bad-input` unless there are 68 finite points.
 */
export function fitPerson(landmarks: readonly Point[], base: Person = ordinaryPerson()): FittedPerson {
  if (landmarks.length !== 68 || !landmarks.flat().every(Number.isFinite))
    throw new ProsoponError("bad-input", `A face has 68 landmarks with finite coordinates, not ${landmarks.length}.`, {
      values: { length: landmarks.length },
    });
  const known = [...placeNames.map((name) => place[name]), ...moveNames.map((name) => moves[name])];
  const sceneOf = (values: readonly number[], person: Person): Scene => {
    const at = (name: (typeof placeNames)[number]) => values[placeNames.indexOf(name)]!;
    const pose: Pose = { yaw: at("yaw"), pitch: at("pitch"), roll: at("roll") };
    const framing: Framing = { x: at("x"), y: at("y"), scale: at("scale") };
    const units = Object.fromEntries(moveNames.map((name, i) => [name, values[placeNames.length + i]!]));
    return scene({ identity: person.identity, person, pose, framing, actionUnits: actionUnitsOf(units) });
  };
  const residuals = (one: Scene): number[] =>
    sceneLandmarks(one).flatMap(([x, y], i) => {
      const [x0, y0] = landmarks[i]!;
      return [(128 * (x - x0)) / deviation(i), (128 * (y - y0)) / deviation(i)];
    });
  const seenBefore = sceneOf(
    boundedLeastSquares({ unknowns: known.map(unknown), residuals: (values) => residuals(sceneOf(values, base)) }),
    base,
  );
  const shaped = (values: readonly number[]): Person => ({
    ...base,
    ...Object.fromEntries(shapeNames.map((name, i) => [name, values[known.length + i]!])),
  });
  const values = boundedLeastSquares({
    unknowns: [...known, ...shapeNames.map((name) => wide(shape[name]))].map(unknown),
    residuals: (all) => residuals(sceneOf(all, shaped(all))),
  });
  const person = shaped(values);
  const seen = sceneOf(values, person);
  const middle = (start: number, axis: 0 | 1) =>
    landmarks.slice(start, start + 6).reduce((sum, point) => sum + point[axis] / 6, 0);
  const eyes = Math.hypot(middle(36, 0) - middle(42, 0), middle(36, 1) - middle(42, 1));
  const error = (one: Scene) =>
    sceneLandmarks(one).reduce((sum, [x, y], i) => sum + Math.hypot(x - landmarks[i]![0], y - landmarks[i]![1]), 0) /
    (68 * eyes);
  return { person, seen, error: error(seen), errorBefore: error(seenBefore) };
}
