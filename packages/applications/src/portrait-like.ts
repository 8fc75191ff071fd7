import { render } from "@prosopon/corpus/node";
import { ProsoponError } from "@prosopon/errors";
import { type Image, toRgb } from "@prosopon/media";
import type { Face } from "@prosopon/perception";
import { type Likeness, likePhoto } from "./like-photo.ts";

export interface PortraitLikeOptions {
  /** Faces, the largest first; undefined where none can be looked for. */
  readonly find: (image: Image) => Promise<readonly Face[] | undefined>;
  /** Which face, 1 is the largest; needed where there are several. */
  readonly wanted?: number | undefined;
  /** Side of the portrait in pixels. */
  readonly size: number;
}

export interface PortraitLike extends Likeness {
  /** RGB; the face stands where the corpus has it. */
  readonly image: Image;
  /** How many faces the photograph has. */
  readonly faces: number;
}

/**
 * Draws an avatar like the person of a photograph. @throws `bad-input` without a face, with several and none chosen, or a face that is too small;
 * `unavailable` without a face finder.
 */
export async function portraitLike(
  photograph: Image,
  { find, wanted, size }: PortraitLikeOptions,
): Promise<PortraitLike> {
  const picture = toRgb(photograph);
  const faces = await find(picture);
  if (!faces)
    throw new ProsoponError("unavailable", "No face finder is installed to look for the face.", {
      mend: "Install the model face-finder.",
    });
  const { width, height } = picture;
  if (faces.length === 0)
    throw new ProsoponError("bad-input", `No face was found in the photograph of ${width} x ${height} pixels.`, {
      values: { width, height },
      mend: "Use one that shows a face from the front, at least 40 pixels wide.",
    });
  if (faces.length > 1 && wanted === undefined)
    throw new ProsoponError("bad-input", `${faces.length} faces were found.`, {
      values: { found: faces.length },
      mend: `Say which with --face 1 to ${faces.length}, counted from the largest.`,
    });
  const face = faces[(wanted ?? 1) - 1];
  if (!face)
    throw new ProsoponError("bad-input", `There is no face ${wanted}: ${faces.length} found.`, {
      values: { face: wanted, found: faces.length },
      mend: `Use --face 1 to ${faces.length}, counted from the largest.`,
    });
  if (face.box.width < 24)
    throw new ProsoponError("bad-input", `The face is only ${Math.round(face.box.width)} pixels wide.`, {
      values: { width: face.box.width },
      mend: "Use a larger picture of it.",
    });
  const likeness = likePhoto(picture, face.landmarks);
  const { image } = render(likeness.scene, { size });
  return { ...likeness, image: { ...image, channels: 3 }, faces: faces.length };
}
