import { readFile } from "node:fs/promises";
import { type Image, toRgb } from "@prosopon/media";
import { readImage } from "@prosopon/media/node";
import { alignedNote } from "./marked-picture.ts";
import { ownMark } from "./own-mark.ts";

export interface SourcePicture {
  /** RGB. */
  readonly image: Image;
  /** Our own mark says that the face stands in its place. */
  readonly markedAligned: boolean;
}

/** Reads a picture (a file, or the bytes of one) and its mark. What has to be left out is warned of. @throws what `readImage` throws. */
export async function sourcePicture(source: string | Uint8Array, warn: (text: string) => void): Promise<SourcePicture> {
  const image = await readImage(source, { alpha: "keep" });
  for (const warning of image.warnings) warn(warning);
  if (image.channels === 4 && image.data.some((value, index) => index % 4 === 3 && value < 255))
    warn("The picture's transparency was laid on white.");
  const bytes = typeof source === "string" ? await readFile(source) : source;
  return { image: toRgb(image), markedAligned: ownMark(bytes)?.note === alignedNote };
}
