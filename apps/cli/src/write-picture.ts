import type { Image } from "@prosopon/media";
import { encodeImage, writeFileAtomic } from "@prosopon/media/node";
import { type DigitalSource, type MarkDetails, mark } from "@prosopon/provenance";
import { mimeOf } from "./check-output.ts";

export interface PictureMark extends MarkDetails {
  readonly kind: DigitalSource;
}

/** The note of pictures whose face stands where the corpus puts it, so that a later edit need not look for it. */
export const alignedNote = "aligned portrait";

/** The bytes of a picture file with its mark of origin. */
export async function pictureBytes(
  file: string,
  picture: Image,
  { kind, ...details }: PictureMark,
): Promise<Uint8Array> {
  const mime = mimeOf(file);
  return mark(await encodeImage(picture, mime, { quality: 95 }), mime, kind, details);
}

/** Writes a marked picture, whole or not at all. @throws `output`, `bad-input`. */
export async function writePicture(file: string, picture: Image, details: PictureMark): Promise<void> {
  await writeFileAtomic(file, await pictureBytes(file, picture, details));
}
