import { readFile } from "node:fs/promises";
import { type Image, toRgb } from "@prosopon/media";
import { readImage } from "@prosopon/media/node";
import { read } from "@prosopon/provenance";
import { alignedNote } from "./marked-picture.ts";

export interface SourcePicture {
  /** RGB. */
  readonly image: Image;
  /** Our own mark says that the face stands in its place. */
  readonly markedAligned: boolean;
}

/** Reads a picture and its mark. What has to be left out is warned of. @throws what `readImage` throws. */
export async function sourcePicture(file: string, warn: (text: string) => void): Promise<SourcePicture> {
  const image = await readImage(file, { alpha: "keep" });
  for (const warning of image.warnings) warn(warning);
  if (image.channels === 4 && image.data.some((value, index) => index % 4 === 3 && value < 255))
    warn("The picture's transparency was laid on white.");
  return { image: toRgb(image), markedAligned: await isMarkedAligned(file) };
}

/** A broken or foreign mark is no mark. */
async function isMarkedAligned(file: string): Promise<boolean> {
  try {
    const found = read(await readFile(file));
    return found?.software === "Prosopon" && found.note === alignedNote;
  } catch {
    return false;
  }
}
