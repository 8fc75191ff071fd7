import type { Image } from "@prosopon/media";
import { type EncodedMime, encodeImage } from "@prosopon/media/node";
import { type DigitalSource, type MarkDetails, mark } from "@prosopon/provenance";

export interface PictureMark extends MarkDetails {
  readonly kind: DigitalSource;
}

/** The note of pictures whose face stands where the corpus puts it, so that a later edit need not look for it. */
export const alignedNote = "aligned portrait";

/** The bytes of a picture file with its mark of origin. */
export async function markedPicture(
  picture: Image,
  mime: EncodedMime,
  { kind, ...details }: PictureMark,
): Promise<Uint8Array> {
  return mark(await encodeImage(picture, mime, { quality: 95 }), mime, kind, details);
}
