import { extname } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import { type EncodedMime, type EncodeImageOptions, encodeImage } from "./encode-image.ts";
import type { Image } from "./image.ts";
import { writeFileAtomic } from "./write-file-atomic.ts";

const MIMES: Readonly<Record<string, EncodedMime>> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".webp": "image/webp",
};

/** Writes the image in the format that the file's extension names. Throws `bad-input` for another, `output` if it cannot write. */
export async function writeImage(file: string, source: Image, options: EncodeImageOptions = {}): Promise<void> {
  const mime = MIMES[extname(file).toLowerCase()];
  if (mime === undefined) {
    throw new ProsoponError("bad-input", `The extension of ${file} names no image format that can be written.`, {
      values: { file },
      mend: "Use .png, .jpg, .jpeg or .webp.",
    });
  }
  await writeFileAtomic(file, await encodeImage(source, mime, options));
}
