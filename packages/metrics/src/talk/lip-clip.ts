import { ProsoponError } from "@prosopon/errors";
import { crop, fivePoints, type Image, type Point, resize, toRgb } from "@prosopon/media";
import type { LipReader } from "./lip-reader.ts";

/** One picture of a film and the face in it. */
export interface FilmedFace {
  readonly picture: Image;
  /** 68 landmarks in pixels, iBUG 300-W order. */
  readonly landmarks: readonly Point[];
}

const middleOf = (points: readonly Point[]): Point => [
  points.reduce((sum, [x]) => sum + x, 0) / points.length,
  points.reduce((sum, [, y]) => sum + y, 0) / points.length,
];

/** The square around a middle, moved inwards where it leaves the picture, as large as the picture allows. */
function square(picture: Image, [x, y]: Point, wanted: number): Image {
  const side = Math.max(1, Math.min(Math.round(wanted), picture.width, picture.height));
  const place = (middle: number, most: number) =>
    Math.max(0, Math.min(most - side, Math.round(middle) - Math.floor(side / 2)));
  return crop(picture, { x: place(x, picture.width), y: place(y, picture.height), width: side, height: side });
}

/**
 * The picture of a mouth or a face that a lip reader wants to see. The face is a square of 1.4 times the larger extent of its landmarks; the mouth is a square of 72/128 of
 * that around the mean of points 48 to 67 (the thesis' crop of its faces of 128). Resized bilinearly without antialiasing, as OpenCV does.
 * @throws `bad-input` for another number of landmarks.
 */
export function lipPicture({ picture, landmarks }: FilmedFace, { width, height, region }: LipReader["input"]): Image {
  fivePoints(landmarks);
  const [xs, ys] = [0, 1].map((axis) => landmarks.map((point) => point[axis]!));
  const [left, right, top, bottom] = [Math.min(...xs!), Math.max(...xs!), Math.min(...ys!), Math.max(...ys!)];
  const face = 1.4 * Math.max(right - left, bottom - top);
  const cut =
    region === "face"
      ? square(picture, [(left + right) / 2, (top + bottom) / 2], face)
      : square(picture, middleOf(landmarks.slice(48)), (face * 72) / 128);
  return resize(toRgb(cut), { width, height, antialias: false });
}

/** Which picture is shown at each tick of another rate: the one on view in the middle of the tick. @throws `bad-input` */
export function atRate<Picture>(
  pictures: readonly Picture[],
  { from, to }: { readonly from: number; readonly to: number },
): readonly Picture[] {
  if (!(from > 0) || !(to > 0) || pictures.length === 0)
    throw new ProsoponError("bad-input", `${pictures.length} pictures at ${from} a second give none at ${to}.`, {
      values: { pictures: pictures.length, from, to },
    });
  if (from === to) return pictures;
  const count = Math.max(1, Math.round((pictures.length * to) / from));
  return Array.from(
    { length: count },
    (_, i) => pictures[Math.min(pictures.length - 1, Math.floor(((i + 0.5) * from) / to))]!,
  );
}
