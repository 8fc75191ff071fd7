import { fivePoints } from "./align-face.ts";
import { type Box, crop } from "./crop.ts";
import type { Image } from "./image.ts";
import { resize } from "./resize.ts";
import { resizeGaussian } from "./resize-gaussian.ts";
import { splineWarp } from "./spline-warp.ts";
import { composeTransforms, invertTransform, type Point, scaling, type Transform } from "./transform.ts";

/** The thesis looks for faces in pictures that were stretched to this side, and keeps crops of that one. */
const [seenSide, keptSide] = [256, 224];

/** A crop in which the face is still tilted. */
export interface ReferenceCrop {
  /** 224 x 224. */
  readonly crop: Image;
  /** From places of the picture to places of the crop. */
  readonly transform: Transform;
}

export interface ReferenceFaceOptions {
  /** 68 landmarks in pixels of the given square, or undefined where no face is found there. */
  readonly find: (square: Image) => Promise<readonly Point[] | undefined>;
  /** In pixels of the picture: taken where no face is found at first, as AffectNet's own boxes are. */
  readonly box?: Box | undefined;
  /** Side of the result in pixels. */
  readonly size: number;
}

export interface ReferenceFace {
  /** As it is loaded for training: `size` x `size`. */
  readonly crop: Image;
  /** As it is kept: 224 x 224. */
  readonly kept: Image;
  /** From places of the picture to places of `crop`; `pasteBack` takes it. */
  readonly transform: Transform;
}

/** Edges of the landmarks, of which the reference counts from pixel centres, cut off to whole pixels. */
export function referenceExtent(landmarks: readonly Point[]): readonly [number, number, number, number] {
  const edge = (value: number) => Math.max(Math.trunc(value - 0.5), 0);
  const [xs, ys] = [landmarks.map(([x]) => x), landmarks.map(([, y]) => y)];
  return [edge(Math.min(...xs)), edge(Math.min(...ys)), edge(Math.max(...xs)), edge(Math.max(...ys))];
}

/** The landmarks' box, made square in one direction as far as the picture goes; it is often not quite square. */
function squareBox(landmarks: readonly Point[]): Box {
  let [left, top, right, bottom] = referenceExtent(landmarks);
  const [width, height] = [right - left, bottom - top];
  const offset = Math.floor(Math.abs(width - height) / 2);
  if (width < height) [left, right] = [Math.max(left - offset, 0), Math.min(right + offset, seenSide)];
  else if (width > height) [top, bottom] = [Math.max(top - offset, 0), Math.min(bottom + offset, seenSide)];
  [right, bottom] = [Math.min(right, seenSide), Math.min(bottom, seenSide)];
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Cuts a box out and stretches it to the kept size. */
export function keptCrop(source: Image, box: Box): ReferenceCrop {
  const { x, y, width, height } = box;
  const size = { width: keptSide, height: keptSide };
  const scale = scaling(keptSide / width, keptSide / height);
  return { crop: resizeGaussian(crop(source, box), size), transform: { ...scale, c: -x * scale.a, f: -y * scale.e } };
}

/**
 * From places of the levelled crop to places of the tilted one. The reference turns about the middle of the eyes with a matrix for (x, y) that it
 * applies to (row, column): the angle is right, the fixed point is the middle with x and y exchanged.
 */
export function referenceLevelling(landmarks: readonly Point[]): Transform {
  const whole = ([x, y]: Point): Point => [Math.trunc(x - 0.5), Math.trunc(y - 0.5)];
  const [right, left] = fivePoints(landmarks).map(whole) as [Point, Point];
  const angle = Math.atan2(right[1] - left[1], right[0] - left[0]) - Math.PI;
  const [x, y] = [Math.floor((left[0] + right[0]) / 2), Math.floor((left[1] + right[1]) / 2)];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  // Rows r and columns q of pixel centres: r' = cos r + sin q + t, q' = -sin r + cos q + u, with places half a pixel further.
  const [t, u] = [(1 - cos) * x - sin * y, sin * x + (1 - cos) * y];
  return {
    a: cos,
    b: -sin,
    c: u + 0.5 - 0.5 * (cos - sin),
    d: sin,
    e: cos,
    f: t + 0.5 - 0.5 * (sin + cos),
  };
}

/**
 * AffectNet's alignment as the thesis' code does it (`align.py`): stretched to 256 x 256, cut out by the extent of the landmarks, stretched to
 * 224 x 224, turned by the line between the eyes; at loading shrunk to `size`. For models that learned from such pictures; `alignFace` is the
 * better choice otherwise. Undefined where no face is found and there is no box. Where none is found in the crop, it stays tilted.
 */
export async function referenceFace(
  picture: Image,
  { find, box, size }: ReferenceFaceOptions,
): Promise<ReferenceFace | undefined> {
  const seen = resizeGaussian(picture, { width: seenSide, height: seenSide });
  const found = await find(seen);
  const place = found && squareBox(found);
  let tilted: ReferenceCrop;
  if (place && place.width > 0 && place.height > 0) {
    const { crop, transform } = keptCrop(seen, place);
    const stretch = scaling(seenSide / picture.width, seenSide / picture.height);
    tilted = { crop, transform: composeTransforms(stretch, transform) };
  } else if (box) tilted = keptCrop(picture, box);
  else return undefined;
  const again = await find(tilted.crop);
  const back = again && referenceLevelling(again);
  const kept = back ? splineWarp(tilted.crop, back) : tilted.crop;
  const levelled = back ? composeTransforms(tilted.transform, invertTransform(back)) : tilted.transform;
  return {
    crop: resize(kept, { width: size, height: size, antialias: false }),
    kept,
    transform: composeTransforms(levelled, scaling(size / keptSide, size / keptSide)),
  };
}
