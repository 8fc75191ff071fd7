import { ProsoponError } from "@prosopon/errors";
import { imageMime } from "@prosopon/media";
import type { Container } from "./container.ts";
import { jpeg } from "./jpeg.ts";
import { png } from "./png.ts";
import { webp } from "./webp.ts";

/** Chooses by the first bytes. Throws `bad-file` for anything but PNG, JPEG and WebP. */
export function containerOf(bytes: Uint8Array): Container {
  const mime = imageMime(bytes);
  const container = [png, jpeg, webp].find((one) => one.mime === mime);
  if (container === undefined) {
    throw new ProsoponError("bad-file", `The bytes are ${mime ?? "no known image"}, which carries no mark here.`, {
      values: { mime, length: bytes.length },
      mend: "Use PNG, JPEG or WebP.",
    });
  }
  return container;
}
