import { readFile } from "node:fs/promises";
import { ProsoponError } from "@prosopon/errors";
import sharp, { type Metadata } from "sharp";
import { firstLine } from "./first-line.ts";
import { type Image, image } from "./image.ts";
import { type ImageMime, imageMime } from "./image-mime.ts";
import { regularFile, unreadableFile } from "./regular-file.ts";

export interface ReadImageOptions {
  /** Refuse an image whose header names more pixels, before anything is decoded. Default 67,108,864 (8192 x 8192). */
  readonly maxPixels?: number;
  /** Refuse a file of more bytes. Default 134,217,728 (128 MiB). */
  readonly maxBytes?: number;
  /** `flatten` lays the image on white (the default, 3 channels); `keep` gives 4 channels if there is an alpha channel. */
  readonly alpha?: "flatten" | "keep";
}

/** The pixels, upright and in sRGB with 8 bits, and what had to be left out on the way. */
export interface ReadImage extends Image {
  readonly mime: ImageMime;
  readonly warnings: readonly string[];
}

/**
 * Reads a PNG, JPEG, WebP, GIF, AVIF or TIFF (a path or the bytes of one; never SVG, PDF or a video). CMYK, wide gamuts and
 * 16 bits become sRGB with 8 bits, the EXIF orientation is applied, and of an animation the first frame is taken, with a warning.
 *
 * Throws `not-found` for a missing file; `bad-input` for a folder, or more pixels or bytes than allowed; `bad-file` for anything
 * that is no such image, is cut off or is damaged.
 */
export async function readImage(source: string | Uint8Array, options: ReadImageOptions = {}): Promise<ReadImage> {
  const { maxPixels = 2 ** 26, maxBytes = 2 ** 27, alpha = "flatten" } = options;
  const name = typeof source === "string" ? source : "the given bytes";
  const bytes = typeof source === "string" ? await readBounded(source, maxBytes) : source;
  const mime = imageMime(bytes);
  if (mime === undefined) {
    throw new ProsoponError("bad-file", `No known image format in ${name} (${bytes.length} bytes).`, {
      values: { name, length: bytes.length },
      mend: "Use PNG, JPEG, WebP, GIF, AVIF or TIFF.",
    });
  }
  const damaged = (error: unknown) =>
    new ProsoponError("bad-file", `The ${mime} in ${name} cannot be decoded: ${firstLine(error)}.`, {
      values: { name, mime },
      mend: "The file is damaged or cut off.",
      cause: error,
    });
  let header: Metadata;
  try {
    // Only the header is read here, so the decoder's own limit would only replace our message.
    header = await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch (error) {
    throw damaged(error);
  }
  const { width, height } = header;
  if (width * height > maxPixels) {
    throw new ProsoponError(
      "bad-input",
      `The image in ${name} has ${width} x ${height} = ${width * height} pixels; at most ${maxPixels} are read.`,
      { values: { name, width, height, maxPixels }, mend: "Scale it down first." },
    );
  }
  const warnings: string[] = [];
  if ((header.pages ?? 1) > 1) warnings.push(`Only the first of ${header.pages} frames was read.`);
  try {
    const upright = sharp(bytes, { limitInputPixels: maxPixels, failOn: "error", pages: 1 })
      .autoOrient()
      .toColourspace("srgb");
    const keep = alpha === "keep" && header.hasAlpha;
    const { data, info } = await (keep ? upright.ensureAlpha() : upright.flatten({ background: "#ffffff" }))
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length);
    return { ...image(info.width, info.height, keep ? 4 : 3, pixels), mime, warnings };
  } catch (error) {
    throw damaged(error);
  }
}

async function readBounded(file: string, maxBytes: number): Promise<Uint8Array> {
  const { size } = await regularFile(file);
  if (size > maxBytes) {
    throw new ProsoponError("bad-input", `${file} has ${size} bytes; at most ${maxBytes} are read.`, {
      values: { file, size, maxBytes },
    });
  }
  return readFile(file).catch((error: unknown) => {
    throw unreadableFile(file, error);
  });
}
