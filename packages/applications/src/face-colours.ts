import type { Colour } from "@prosopon/corpus";
import type { Image, Point } from "@prosopon/media";
import { blend, disc, luminance, middleColour } from "./photo-patches.ts";

/** What is seen in the places of a face that its 68 landmarks name. Colours 0..255; shares of the skin's luminance. */
export interface FaceColours {
  readonly skin: Colour;
  readonly lips: Colour;
  readonly iris: Colour;
  /** Brightness of the cheek on the picture's left over that on its right. */
  readonly leftToRight: number;
  /** Darkness of the brows times their thickness. */
  readonly brows: number;
  readonly chin: number;
  readonly moustache: number;
  readonly jaw: number;
}

/** Measures a picture of a face in the same places, be it a photograph or a drawing. Landmarks in pixels. */
export function faceColours(image: Image, landmarks: readonly Point[]): FaceColours {
  const p = (i: number) => landmarks[i]!;
  const unit = Math.hypot(p(45)[0] - p(36)[0], p(45)[1] - p(36)[1]) / 50;
  const at = (indices: readonly number[], weights: readonly number[]) =>
    blend(
      indices.map((i) => p(i)),
      weights,
    );
  const left = disc(image, at([41, 48, 2], [0.42, 0.3, 0.28]), 3.2 * unit);
  const right = disc(image, at([46, 54, 14], [0.42, 0.3, 0.28]), 3.2 * unit);
  const nose = disc(image, at([28, 29], [1, 1]), 2 * unit);
  const forehead: Point = [p(27)[0] + 0.62 * (p(27)[0] - p(33)[0]), p(27)[1] + 0.62 * (p(27)[1] - p(33)[1])];
  const skin = middleColour([...left, ...right, ...nose, ...disc(image, forehead, 2.5 * unit)], 0.5, 0.95);
  const brightness = (pixels: readonly Colour[]) => luminance(middleColour(pixels));
  const light = Math.max(1, brightness([...left, ...right]));
  const lips = middleColour([
    ...disc(image, at([57, 66], [1, 1]), unit),
    ...disc(image, at([56, 65], [1, 1]), unit),
    ...disc(image, at([58, 67], [1, 1]), unit),
  ]);
  const eye = (start: number): Colour[] => {
    const six = landmarks.slice(start, start + 6);
    return disc(image, blend(six, [1, 1, 1, 1, 1, 1]), 3.2 * unit).filter((one) => luminance(one) < 0.85 * light);
  };
  const irises = [...eye(36), ...eye(42)];
  const share = (points: readonly Point[], radius: number) =>
    brightness(points.flatMap((point) => disc(image, point, radius * unit))) / light;
  return {
    skin,
    lips,
    iris: middleColour(irises.length > 0 ? irises : [skin], 0.35, 0.75),
    leftToRight: brightness(left) / Math.max(1, brightness(right)),
    brows: browDarkness(image, landmarks, unit, light),
    chin: share([at([8, 57], [0.5, 0.5]), at([7, 58], [0.5, 0.5]), at([9, 56], [0.5, 0.5])], 2),
    moustache: share([at([33, 51], [0.4, 0.6]), at([32, 50], [0.35, 0.65]), at([34, 52], [0.35, 0.65])], 1.3),
    jaw: share([at([5, 48], [0.62, 0.38]), at([11, 54], [0.62, 0.38])], 2.2),
  };
}

/** Sum over a column of what is darker than skin, in face units; the mean over the inner part of both brows. */
function browDarkness(image: Image, landmarks: readonly Point[], unit: number, light: number): number {
  let sum = 0;
  const columns = [18, 19, 20, 23, 24, 25];
  for (const i of columns) {
    const [x, y] = landmarks[i]!;
    for (let down = -4; down <= 5; down += 0.5) {
      const [pixel] = disc(image, [x, y + down * unit], 0.4);
      sum += 0.5 * Math.max(0, 0.9 - luminance(pixel!) / light);
    }
  }
  return sum / columns.length;
}
