import { render } from "@prosopon/corpus/node";
import { ProsoponError } from "@prosopon/errors";
import { file, type Media } from "@prosopon/jobs";
import type { Alignment } from "@prosopon/models";
import * as z from "zod";
import { drawnPerson } from "./drawn-person.ts";
import type { FaceExperts } from "./face-experts.ts";
import { type FramedFace, frameFace } from "./frame-face.ts";
import { isDrawn } from "./own-mark.ts";
import { sourcePicture } from "./source-picture.ts";

/** The fields of an input that say whose face it is: a picture, or one of the drawn people. */
export const pictureFields = {
  picture: file({ accept: ["image/png", "image/jpeg", "image/webp"], limit: 16 * 2 ** 20 })
    .optional()
    .describe("A picture with a face"),
  person: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .optional()
    .describe("Instead of a picture: which of the drawn people"),
  consent: z.boolean().default(false).describe("The person in the picture agreed to this use"),
};

export interface FramedInputOptions {
  /** Side of the model's pictures. */
  readonly side: number;
  readonly domain: "rendered portraits" | "photographs";
  readonly alignment: Alignment;
  readonly faces: FaceExperts["faces"];
  readonly warn: (text: string) => void;
}

interface PictureInput {
  readonly picture?: Media | undefined;
  readonly person?: number | undefined;
  readonly consent: boolean;
}

/** The face that an input names. @throws `bad-input` when it names none or two, or a person's picture without their consent. */
export async function framedInput(
  { picture, person, consent }: PictureInput,
  { side, domain, alignment, faces, warn }: FramedInputOptions,
): Promise<FramedFace> {
  if ((picture === undefined) === (person === undefined))
    throw new ProsoponError("bad-input", "Exactly one of picture and person is needed.", {
      mend: "Give a picture, or the number of a drawn person.",
    });
  if (picture === undefined) {
    const { image } = render(drawnPerson(person!), { size: side });
    return { crop: image, aligned: true, face: undefined, found: 0, restore: (edited) => edited };
  }
  const { image, markedAligned } = await sourcePicture(picture.bytes, warn);
  if (!consent && !isDrawn(picture.bytes))
    throw new ProsoponError("bad-input", "The person in the picture must have agreed to this use.", {
      mend: "Set consent if they have, or use a drawn avatar.",
    });
  const frame = { side, domain, alignment, aligned: false, markedAligned, wanted: undefined };
  return frameFace(image, { ...frame, find: faces, warn });
}
