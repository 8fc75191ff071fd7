import { markedPicture, type PictureMark } from "@prosopon/applications";
import type { Image } from "@prosopon/media";
import { writeFileAtomic } from "@prosopon/media/node";
import { mimeOf } from "./check-output.ts";

/** The bytes of a picture file, of the format that its ending says, with its mark of origin. */
export const pictureBytes = (file: string, picture: Image, details: PictureMark): Promise<Uint8Array> =>
  markedPicture(picture, mimeOf(file), details);

/** Writes a marked picture, whole or not at all. @throws `output`, `bad-input`. */
export async function writePicture(file: string, picture: Image, details: PictureMark): Promise<void> {
  await writeFileAtomic(file, await pictureBytes(file, picture, details));
}
