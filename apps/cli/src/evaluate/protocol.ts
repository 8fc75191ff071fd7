import type { Image } from "@prosopon/media";
import { encodeImage, readImage } from "@prosopon/media/node";
import { psnr } from "@prosopon/metrics";
import type { PictureReconstructor } from "./open-reconstructor.ts";

/** `thesis`: what its scripts did to pictures before they were compared. */
export type Protocol = "clean" | "thesis";

/** What was done to pictures, for protocol lines. */
export function protocolNote(protocol: Protocol, reconstructor?: PictureReconstructor): string {
  const reference = reconstructor
    ? `the reference is the reconstruction by ${reconstructor.note}.`
    : "the reference is taken as it is.";
  return protocol === "clean"
    ? `Pictures as they are in their files; ${reference}`
    : `Protocol of the thesis: both pictures through JPEG of quality 75 with half the colour resolution, PSNR with epsilon 1e-8; ${reference}`;
}

/** The pixels of a picture after JPEG as PIL writes it by default: quality 75, 4:2:0. */
export const throughJpeg = async (image: Image): Promise<Image> =>
  readImage(await encodeImage(image, "image/jpeg", { quality: 75, chroma: "half" }));

/** The pixels that a protocol compares. */
export const prepared = async (image: Image, protocol: Protocol): Promise<Image> =>
  protocol === "clean" ? image : throughJpeg(image);

/** PSNR in the form of a protocol. */
export const psnrOf = (protocol: Protocol) => psnr(protocol === "thesis" ? { epsilon: 1e-8 } : {});
