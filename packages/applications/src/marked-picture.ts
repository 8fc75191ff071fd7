import type { Image } from "@prosopon/media";
import { type EncodedMime, encodeImage } from "@prosopon/media/node";
import { type DigitalSource, type MarkDetails, mark } from "@prosopon/provenance";
import type { SigningIdentity } from "@prosopon/provenance/c2pa";

export interface PictureMark extends MarkDetails {
  readonly kind: DigitalSource;
  /** Signs the picture too (C2PA). */
  readonly identity?: SigningIdentity | undefined;
}

/** The note of pictures whose face stands where the corpus puts it, so that a later edit need not look for it. */
export const alignedNote = "aligned portrait";

/** The bytes of a picture file with its mark of origin. */
export async function markedPicture(
  picture: Image,
  mime: EncodedMime,
  { kind, identity, ...details }: PictureMark,
): Promise<Uint8Array> {
  const marked = mark(await encodeImage(picture, mime, { quality: 95 }), mime, kind, details);
  if (!identity) return marked;
  // Only then: it brings nine megabytes of WebAssembly.
  const { sign } = await import("@prosopon/provenance/c2pa");
  return sign(marked, { ...details, kind, identity });
}
