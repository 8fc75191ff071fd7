import { ProsoponError } from "@prosopon/errors";
import sharp from "sharp";
import { firstLine } from "./first-line.ts";
import { type Image, image } from "./image.ts";
import { toRgb } from "./to-rgb.ts";

export type EncodedMime = "image/png" | "image/jpeg" | "image/webp";

export interface EncodeImageOptions {
  /** 1 to 100 for JPEG and WebP, default 90; PNG is lossless and takes none. */
  readonly quality?: number;
  /** Colour resolution of JPEG: `full` is 4:4:4 (the default); `half` is 4:2:0, what PIL and most programs write. */
  readonly chroma?: "full" | "half";
}

/**
 * The bytes of an image file without metadata. JPEG flattens alpha on white; WebP is lossy.
 * Throws `bad-input`.
 */
export async function encodeImage(
  source: Image,
  mime: EncodedMime,
  { quality = 90, chroma = "full" }: EncodeImageOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  if (!(Number.isInteger(quality) && quality >= 1 && quality <= 100)) {
    throw new ProsoponError("bad-input", `Quality ${quality} is not a whole number from 1 to 100.`, {
      values: { quality },
    });
  }
  const { width, height, channels, data } = mime === "image/jpeg" && source.channels === 4 ? toRgb(source) : source;
  image(width, height, channels, data);
  const pixels = sharp(data, { raw: { width, height, channels } });
  try {
    if (mime === "image/png") return own(await pixels.png().toBuffer());
    const chromaSubsampling = chroma === "half" ? "4:2:0" : "4:4:4";
    if (mime === "image/jpeg") return own(await pixels.jpeg({ quality, chromaSubsampling }).toBuffer());
    if (mime === "image/webp") return own(await pixels.webp({ quality }).toBuffer());
  } catch (error) {
    throw new ProsoponError(
      "bad-input",
      `${width} x ${height} pixels cannot be written as ${mime}: ${firstLine(error)}.`,
      {
        values: { width, height, mime },
        cause: error,
      },
    );
  }
  throw new ProsoponError("bad-input", `Images are not written as ${String(mime)}.`, {
    values: { mime },
    mend: "Use image/png, image/jpeg or image/webp.",
  });
}

function own(buffer: Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.length);
}
