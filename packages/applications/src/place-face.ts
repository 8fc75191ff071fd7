import { portrait, scene } from "@prosopon/corpus";
import {
  type AlignedFace,
  alignFace,
  applyTransform,
  composeTransforms,
  fivePoints,
  type Image,
  type Point,
  referenceClipBox,
  referenceClipSize,
  referenceFace,
  scaling,
  similarity,
  warp,
} from "@prosopon/media";
import type { Alignment } from "@prosopon/models";
import type { Face } from "@prosopon/perception";

export interface PlaceFaceOptions {
  /** Side of the model's pictures. */
  readonly side: number;
  readonly alignment: Alignment;
  /** Faces, the largest first. */
  readonly find: (image: Image) => Promise<readonly Face[] | undefined>;
}

/** Where the corpus puts eyes, nose and corners of the mouth, in parts of the side. */
export const corpusPlace = (): readonly Point[] => fivePoints(portrait(scene({ identity: 0 })).landmarks);

/** The face as the model learned to see faces. */
export async function placeFace(
  image: Image,
  face: Face,
  { alignment, side, find }: PlaceFaceOptions,
): Promise<AlignedFace> {
  if (alignment === "corpus") return alignAsCorpus(image, face, side);
  if (alignment === "reference-clip") return cutAsClip(image, face, side);
  if (alignment !== "reference") return alignFace(image, face.landmarks, { size: side });
  let looks = 0;
  const aligned = await referenceFace(image, {
    size: side,
    async find(square) {
      // The first look is answered by the face that was chosen.
      if (looks++ > 0) return (await find(square))?.[0]?.landmarks;
      const stretch = scaling(square.width / image.width, square.height / image.height);
      return face.landmarks.map((point) => applyTransform(stretch, point));
    },
  });
  return aligned ?? alignFace(image, face.landmarks, { size: side });
}

/** The thesis' box of a clip, whose margin is a share of the picture's height. */
function cutAsClip(image: Image, { landmarks }: Face, side: number): AlignedFace {
  const scale = referenceClipSize.height / image.height;
  const size = { width: Math.round(image.width * scale), height: referenceClipSize.height };
  const { x, y, width, height } = referenceClipBox(
    landmarks.map((point) => applyTransform(scaling(scale, scale), point)),
    size,
  );
  const stretch = { ...scaling(side / width, side / height), c: (-x * side) / width, f: (-y * side) / height };
  const transform = composeTransforms(scaling(scale, scale), stretch);
  return { crop: warp(image, transform, { width: side, height: side }), transform };
}

/** The face where the corpus draws it, which is not where photographs have it. */
function alignAsCorpus(image: Image, { landmarks }: Face, side: number): AlignedFace {
  const places = corpusPlace().map(([x, y]): Point => [x * side, y * side]);
  const transform = similarity(fivePoints(landmarks), places);
  return { crop: warp(image, transform, { width: side, height: side }), transform };
}
