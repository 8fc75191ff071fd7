import type { Image } from "@prosopon/media";
import { encodeImage, readImage } from "@prosopon/media/node";
import { psnr } from "@prosopon/metrics";

/** `thesis`: what its scripts did to pictures before they were compared. */
export type Protocol = "clean" | "thesis";

export const protocolNotes: Readonly<Record<Protocol, string>> = {
  clean: "Pictures as they are in their files.",
  thesis:
    "Protocol of the thesis: both pictures through JPEG of quality 75 (here with full colour resolution), PSNR with epsilon 1e-8; the reference is to be the first stage's reconstruction of the source.",
};

/** The pixels that a protocol compares. */
export async function prepared(image: Image, protocol: Protocol): Promise<Image> {
  return protocol === "clean" ? image : readImage(await encodeImage(image, "image/jpeg", { quality: 75 }));
}

/** PSNR in the form of a protocol. */
export const psnrOf = (protocol: Protocol) => psnr(protocol === "thesis" ? { epsilon: 1e-8 } : {});
