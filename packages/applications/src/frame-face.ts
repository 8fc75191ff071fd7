import { ProsoponError } from "@prosopon/errors";
import {
  type AlignedFace,
  fivePoints,
  type Image,
  type Point,
  pasteBack,
  resize,
  scaling,
  softMask,
  toRgb,
  warp,
} from "@prosopon/media";
import type { Alignment } from "@prosopon/models";
import type { Face } from "@prosopon/perception";
import { corpusPlace, placeFace } from "./place-face.ts";

/** Where the model will work and how its result goes back. */
export interface FramedFace {
  /** Square, `side` x `side`, RGB. */
  readonly crop: Image;
  /** True where the whole picture is the crop. */
  readonly aligned: boolean;
  /** The face that was chosen, where one was looked for and found. */
  readonly face: Face | undefined;
  /** How many were found. */
  readonly found: number;
  /** The picture with an edited crop in it. */
  restore(edited: Image): Image;
}

export interface FrameFaceOptions {
  /** Side of the model's pictures. */
  readonly side: number;
  readonly domain: "rendered portraits" | "photographs";
  /** What the model learned from, see `alignmentOf`. */
  readonly alignment: Alignment;
  /** The caller says that the picture is a crop. */
  readonly aligned: boolean;
  /** The picture's own mark says so. */
  readonly markedAligned: boolean;
  /** 1 is the largest. */
  readonly wanted: number | undefined;
  /** Faces, the largest first; undefined where none can be looked for. */
  readonly find: (image: Image) => Promise<readonly Face[] | undefined>;
  readonly warn: (text: string) => void;
}

const leastSide = 32;
/** A drawing is recognised as a corpus portrait when its face lies there within this mean distance, in parts of the side. Poses move it by up to 0.042. */
const tolerance = 0.07;

const meanDistance = (a: readonly Point[], b: readonly Point[]): number =>
  a.reduce((sum, [x, y], i) => sum + Math.hypot(x - b[i]![0], y - b[i]![1]), 0) / a.length;

const inPlace = ({ width }: Image, { landmarks }: Face): boolean =>
  meanDistance(
    fivePoints(landmarks).map(([x, y]): Point => [x / width, y / width]),
    corpusPlace(),
  ) <= tolerance;

const isPartial = ({ width, height }: Image, { box }: Face): boolean =>
  box.x < -0.1 * box.width ||
  box.y < -0.1 * box.height ||
  box.x + box.width > width + 0.1 * box.width ||
  box.y + box.height > height + 0.1 * box.height;

function whole(image: Image, side: number, face: Face | undefined, found: number): FramedFace {
  return {
    crop: resize(image, { width: side, height: side }),
    aligned: true,
    face,
    found,
    restore: (edited) => resize(edited, { width: image.width, height: image.height }),
  };
}

const upTo = (least: number, most: number) => (least === most ? `${least}` : `${least} to ${most}`);

function choose(faces: readonly Face[], wanted: number | undefined, warn: (text: string) => void): Face {
  const face = faces[(wanted ?? 1) - 1];
  if (!face)
    throw new ProsoponError(
      "bad-input",
      `There is no face ${wanted}: ${faces.length} ${faces.length === 1 ? "was" : "were"} found.`,
      {
        values: { face: wanted, found: faces.length },
        mend: `Use --face ${upTo(1, faces.length)}, counted from the largest.`,
      },
    );
  if (faces.length > 1 && wanted === undefined)
    warn(
      `${faces.length} faces were found; the largest is edited. Choose another with --face ${upTo(2, faces.length)}.`,
    );
  return face;
}

/**
 * Finds the face and brings it into the model's square. Without a face, a square picture of at most twice the model's size is taken for
 * a crop where the model knows rendered portraits. @throws `bad-input` for pictures that are too small, not square where they should be,
 * or without a face.
 */
export async function frameFace(picture: Image, options: FrameFaceOptions): Promise<FramedFace> {
  const { side, domain, alignment, wanted, find, warn } = options;
  const image = toRgb(picture);
  const { width, height } = image;
  const refuse = (message: string, mend: string) =>
    new ProsoponError("bad-input", message, { values: { width, height }, mend });
  if (Math.min(width, height) < leastSide)
    throw refuse(
      `The picture has only ${width} x ${height} pixels.`,
      `Use one of at least ${leastSide} x ${leastSide}.`,
    );
  const square = width === height;
  if (options.aligned && !square)
    throw refuse(
      `A picture of ${width} x ${height} pixels is no aligned crop.`,
      "Crop it to a square, or leave out --aligned.",
    );
  if (options.aligned || (square && options.markedAligned && wanted === undefined))
    return whole(image, side, undefined, 0);
  if (alignment === "none" && wanted === undefined) return middle(image, side);
  const faces = await find(image);
  const small = square && width <= 2 * side && domain === "rendered portraits";
  if (faces === undefined) {
    if (small) return whole(image, side, undefined, 0);
    throw refuse(
      `The picture of ${width} x ${height} pixels is no small square, and no face finder is installed to look for its face.`,
      "Give a square crop with --aligned.",
    );
  }
  if (faces.length === 0) {
    if (small && wanted === undefined) {
      warn("No face was found; the picture is taken for a drawn portrait's crop.");
      return whole(image, side, undefined, 0);
    }
    throw refuse(
      `No face was found in the picture of ${width} x ${height} pixels.`,
      "Use one that shows a face from the front, or its square crop with --aligned, where there is such an option.",
    );
  }
  const face = choose(faces, wanted, warn);
  if (square && alignment === "corpus" && inPlace(image, face)) return whole(image, side, face, faces.length);
  if (isPartial(image, face)) warn("The face is cut off by the edge of the picture; what is missing is guessed.");
  const placed = await placeFace(image, face, options);
  return { ...placedBack(image, placed, side), face, found: faces.length };
}

const placedBack = (image: Image, { crop, transform }: AlignedFace, side: number) => ({
  crop,
  aligned: false,
  restore: (edited: Image) => pasteBack(image, edited, transform, softMask(side, side, side / 8)),
});

/** The largest square in the middle. */
function middle(image: Image, side: number): FramedFace {
  const { width, height } = image;
  const scale = side / Math.min(width, height);
  const transform = { ...scaling(scale, scale), c: (side - width * scale) / 2, f: (side - height * scale) / 2 };
  const crop = warp(image, transform, { width: side, height: side });
  return { ...placedBack(image, { crop, transform }, side), face: undefined, found: 0 };
}
