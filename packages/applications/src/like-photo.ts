import {
  type BeardStyle,
  type Colour,
  fitPerson,
  type GlassesStyle,
  type HairStyle,
  type Light,
  type Person,
  type Scene,
  scene,
  sceneLandmarks,
} from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { applyTransform, fivePoints, type Image, invertTransform, type Point, similarity, warp } from "@prosopon/media";
import { asDrawn } from "./as-drawn.ts";
import { type FaceColours, faceColours } from "./face-colours.ts";
import { guessBeard } from "./guess-beard.ts";
import { guessGlasses } from "./guess-glasses.ts";
import { guessHair } from "./guess-hair.ts";
import type { FacePixels } from "./hair-evidence.ts";
import { luminance, middleColour, pixelAt } from "./photo-patches.ts";

/** How sure a guess is: 0 a mere guess to 1 sure. */
export interface Guess<T> {
  readonly value: T;
  readonly confidence: number;
}

export interface Likeness {
  /** The person alone, at rest, looking ahead. */
  readonly scene: Scene & { readonly person: Person };
  /** Mean distance of landmarks in distances between the eyes: after the fitting, and of an ordinary person. */
  readonly landmarkError: number;
  readonly landmarkErrorBefore: number;
  readonly hair: Guess<HairStyle>;
  readonly beard: Guess<BeardStyle>;
  readonly glasses: Guess<GlassesStyle>;
  /** The head's turn in the photograph, degrees: colours and shape of a turned head are less sure. */
  readonly pose: Scene["pose"];
}

const side = 256;

/**
 * A drawn person like that of a photograph: shape from 68 landmarks (pixels), colours by comparing the drawing with the photograph in the same
 * places, hair, beard and glasses guessed. @throws `bad-input` unless there are 68 finite points.
 */
export function likePhoto(photograph: Image, landmarks: readonly Point[]): Likeness {
  const frame = (person?: Person): readonly Point[] =>
    sceneLandmarks(scene({ identity: 0, ...(person ? { person } : {}) })).map(([x, y]): Point => [x * side, y * side]);
  const roughly = similarity(fivePoints(landmarks), fivePoints(frame()));
  const fitted = fitPerson(
    landmarks.map((point) => {
      const [x, y] = applyTransform(roughly, point);
      return [x / side, y / side] as const;
    }),
  );
  const shaped = asDrawn(fitted.person);
  // From here on the photograph lies over the drawing.
  const transform = similarity(landmarks.slice(17), frame(shaped).slice(17));
  const seen = warp(photograph, transform, { width: side, height: side });
  const points = landmarks.map((point) => applyTransform(transform, point));
  const back = invertTransform(transform);
  const covered = (x: number, y: number): boolean => {
    const [column, row] = applyTransform(back, [x, y]);
    return column >= 0 && row >= 0 && column < photograph.width && row < photograph.height;
  };
  const measured = faceColours(seen, points);
  const beard = guessBeard(measured, fitted.seen.pose.yaw);
  const glasses = guessGlasses(seen, points);
  const hair = guessHair(facePixels(photograph, landmarks, frame(shaped), covered), shaped);
  const clothes = middleColour(patch(seen, covered, [[40, 250, 216, 256]]));
  const start: Person = {
    ...shaped,
    ...hair.person,
    skin: measured.skin,
    lips: measured.lips,
    iris: measured.iris,
    beard: beard.value,
    glasses: glasses.value,
    glassesColour: glasses.colour,
    clothesColour: clothes,
  };
  const drawn: Scene = scene({
    identity: 0,
    person: start,
    light: lightOf(measured),
    background: backgroundOf(seen, covered),
  });
  const person = coloured(drawn, start, measured);
  return {
    scene: { ...drawn, person },
    landmarkError: fitted.error,
    landmarkErrorBefore: fitted.errorBefore,
    hair: { value: hair.person.hair, confidence: hair.confidence },
    beard,
    glasses: { value: glasses.value, confidence: glasses.confidence },
    pose: fitted.seen.pose,
  };
}

/** The photograph around the face, a pixel for each unit of the drawing's 128, half a frame more than is drawn. */
function facePixels(
  photograph: Image,
  landmarks: readonly Point[],
  drawn: readonly Point[],
  covered: (x: number, y: number) => boolean,
): FacePixels {
  const shrink = 128 / side;
  const places = drawn.map(([x, y]): Point => [shrink * x + 32, shrink * y + 32]);
  const wide = warp(photograph, similarity(landmarks.slice(17), places.slice(17)), { width: 192, height: 192 });
  return (u, v) => {
    const [x, y] = [64 + u, 54 + v];
    return covered(x / shrink, y / shrink) ? pixelAt(wide, x + 32, y + 32) : undefined;
  };
}

/** Corrects skin, lips, irises and brows until the drawing shows in its own places what the photograph shows there. */
function coloured(drawn: Scene, start: Person, wanted: FaceColours): Person {
  const lips = lipsLike(wanted.lips, wanted.skin);
  let person = { ...start, lips };
  const corrected = (now: Colour, seen: Colour, goal: Colour, rate: number): Colour =>
    [0, 1, 2].map((c) => Math.min(255, Math.max(8, now[c]! + rate * (goal[c]! - seen[c]!)))) as unknown as Colour;
  for (let round = 0; round < 4; round++) {
    // Beard and glasses would stand before what is compared.
    const plain: Person = { ...person, beard: "none", glasses: "none" };
    const { image, landmarks } = render({ ...drawn, person: plain }, { size: side });
    const seen = faceColours(
      { ...image, channels: 3 },
      landmarks.map(([x, y]): Point => [x * side, y * side]),
    );
    const thickness = person.browThickness * Math.min(1.4, Math.max(0.7, wanted.brows / Math.max(0.05, seen.brows)));
    person = {
      ...person,
      skin: corrected(person.skin, seen.skin, wanted.skin, 0.9),
      lips: corrected(person.lips, seen.lips, lips, 0.7),
      iris: corrected(person.iris, seen.iris, wanted.iris, 0.5),
      browThickness: Math.min(4.4, Math.max(1.2, thickness)),
    };
  }
  return person;
}

/** A dark or open mouth is not a dark lip, teeth are not pale ones. */
function lipsLike(lips: Colour, skin: Colour): Colour {
  const brighter = Math.max(1, (0.5 * luminance(skin)) / Math.max(1, luminance(lips)));
  return [
    Math.min(255, lips[0] * brighter),
    Math.min(0.84 * skin[1], lips[1] * brighter),
    Math.min(0.9 * skin[2], lips[2] * brighter),
  ];
}

/** The brighter cheek tells where the light comes from. */
function lightOf({ leftToRight }: FaceColours): Light {
  const direction = Math.min(1, Math.max(-1, -2.2 * Math.log(leftToRight)));
  return { direction, strength: 0.35 + 0.3 * Math.abs(direction), warmth: 0, exposure: 1 };
}

function patch(
  image: Image,
  covered: (x: number, y: number) => boolean,
  boxes: readonly (readonly [x0: number, y0: number, x1: number, y1: number])[],
): Colour[] {
  const found: Colour[] = [];
  for (const [x0, y0, x1, y1] of boxes)
    for (let y = y0; y < y1; y += 2)
      for (let x = x0; x < x1; x += 2) if (covered(x, y)) found.push(pixelAt(image, x, y));
  return found.length > 0 ? found : [[150, 155, 160]];
}

/** Colours of the upper corners. */
function backgroundOf(image: Image, covered: (x: number, y: number) => boolean): Scene["background"] {
  const left = middleColour(patch(image, covered, [[2, 4, 30, 90]]));
  const right = middleColour(patch(image, covered, [[226, 4, 254, 90]]));
  const [colour, accent] = luminance(left) < luminance(right) ? [left, right] : [right, left];
  return { style: "plain", colour, accent, seed: 0 };
}
