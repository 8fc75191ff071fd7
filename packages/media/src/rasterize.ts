import { ProsoponError } from "@prosopon/errors";
import sharp from "sharp";
import { firstLine } from "./first-line.ts";
import { type Image, image } from "./image.ts";

export interface RasterizeOptions {
  /** Size of the result in pixels; the drawing is stretched to it. */
  readonly width: number;
  readonly height: number;
  /** `keep` gives 4 channels; `flatten` (the default) lays the drawing on white and gives 3. */
  readonly alpha?: "flatten" | "keep";
}

/** Draws an SVG text. Outside files and addresses in it are not followed. Throws `bad-input` for a text that is no SVG. */
export async function rasterize(svg: string, { width, height, alpha = "flatten" }: RasterizeOptions): Promise<Image> {
  if (![width, height].every((side) => Number.isInteger(side) && side >= 1 && side <= 16_384)) {
    throw new ProsoponError("bad-input", `An SVG cannot be drawn at ${width} x ${height} pixels.`, {
      values: { width, height },
      mend: "Use whole numbers from 1 to 16384.",
    });
  }
  const bytes = Buffer.from(svg);
  try {
    if (!/<svg[\s>]/.test(svg)) throw new Error("There is no svg element in it");
    // Drawn at the density that gives the wanted size, so that text stays sharp when enlarged.
    const own = await sharp(bytes, { limitInputPixels: false }).metadata();
    const density = Math.min(7200, Math.max(1, 72 * Math.max(width / own.width, height / own.height)));
    const drawn = sharp(bytes, { density }).resize(width, height, { fit: "fill" }).toColourspace("srgb");
    const { data } = await (alpha === "keep" ? drawn.ensureAlpha() : drawn.flatten({ background: "#ffffff" }))
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return image(width, height, alpha === "keep" ? 4 : 3, new Uint8Array(data.buffer, data.byteOffset, data.length));
  } catch (error) {
    throw new ProsoponError("bad-input", `The SVG cannot be drawn: ${firstLine(error)}.`, { cause: error });
  }
}
