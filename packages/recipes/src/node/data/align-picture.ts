import { alignFace, type Box, type Image, type Point, referenceFace, resize, warp } from "@prosopon/media";
import type { Alignment } from "@prosopon/models";
import type { Face, FaceFinder } from "@prosopon/perception";
import { type LeftOutReason, leftOut, type PictureItem } from "./data-item.ts";

export type PictureAlignment = Extract<Alignment, "canonical" | "reference" | "none">;

export interface AlignPictureOptions {
  readonly alignment: PictureAlignment;
  /** Side of the prepared picture. */
  readonly size: number;
  readonly finder: Pick<FaceFinder, "find"> | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface AlignedPicture {
  readonly image: Image;
  /** The place of the face came from the data set, because none was found. */
  readonly annotated: boolean;
}

const overlap = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)) *
  Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y));

/** The face that the data set means: that which covers its box best, else the largest. */
const chosen = (faces: readonly Face[], box: Box | undefined): Face | undefined =>
  faces.toSorted(
    (a, b) =>
      (box ? overlap(b.box, box) - overlap(a.box, box) : 0) || b.box.width * b.box.height - a.box.width * a.box.height,
  )[0];

/** A picture without alignment: its smaller side becomes `size`, the middle stays. */
export function centreSquare(picture: Image, size: number): Image {
  const { width, height } = picture;
  const scale = size / Math.min(width, height);
  const small = resize(picture, {
    width: Math.max(size, Math.round(width * scale)),
    height: Math.max(size, Math.round(height * scale)),
    antialias: false,
  });
  const [x, y] = [Math.floor((small.width - size) / 2), Math.floor((small.height - size) / 2)];
  return warp(small, { a: 1, b: 0, c: -x, d: 0, e: 1, f: -y }, { width: size, height: size });
}

/** Inside the picture; undefined for a box that lies beside it. */
function inside({ x, y, width, height }: Box, picture: Image): Box | undefined {
  const [right, bottom] = [Math.min(x + width, picture.width), Math.min(y + height, picture.height)];
  return right > x && bottom > y ? { x, y, width: right - x, height: bottom - y } : undefined;
}

const missing = (key: string): never => {
  throw leftOut("no face found" satisfies LeftOutReason, `No face was found in ${key}.`);
};

/**
 * The picture as models will see it. Faces are looked for; where none is found, the data set's own landmarks ("canonical") or box ("reference", as in
 * the thesis) are taken. @throws `leftOut` "no face found".
 */
export async function alignPicture(
  picture: Image,
  { key, box, landmarks }: Pick<PictureItem, "key" | "box" | "landmarks">,
  { alignment, size, finder, signal }: AlignPictureOptions,
): Promise<AlignedPicture> {
  if (alignment === "none") return { image: centreSquare(picture, size), annotated: false };
  const options = signal ? { signal } : {};
  const find = async (image: Image) => (await finder?.find(image, options)) ?? [];
  if (alignment === "reference") {
    let seen = 0;
    let found = true;
    const square = async (image: Image): Promise<readonly Point[] | undefined> => {
      // The reference takes its detector's first face.
      const landmarks = (await find(image))[0]?.landmarks;
      if (seen++ === 0) found = landmarks !== undefined;
      return landmarks;
    };
    const aligned = await referenceFace(picture, { size, find: square, box: box && inside(box, picture) });
    return aligned ? { image: aligned.kept, annotated: !found } : missing(key);
  }
  const face = chosen(await find(picture), box);
  const points = face?.landmarks ?? (await landmarks?.());
  if (!points) return missing(key);
  return { image: alignFace(picture, points, { size }).crop, annotated: face === undefined };
}
