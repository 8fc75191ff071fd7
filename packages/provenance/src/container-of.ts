import { ProsoponError } from "@prosopon/errors";
import { imageMime } from "@prosopon/media";
import type { Container } from "./container.ts";
import { jpeg } from "./jpeg.ts";
import { isMp4, mp4 } from "./mp4.ts";
import { png } from "./png.ts";
import { webp } from "./webp.ts";

/** Chooses by the first bytes. Throws `bad-file` for anything but PNG, JPEG, WebP and MP4. */
export function containerOf(bytes: Uint8Array): Container {
  const mime = isMp4(bytes) ? "video/mp4" : imageMime(bytes);
  const container = [png, jpeg, webp, mp4].find((one) => one.mime === mime);
  if (container === undefined) {
    throw new ProsoponError(
      "bad-file",
      `The bytes are ${mime ?? "no known image or film"}, which carries no mark here.`,
      {
        values: { mime, length: bytes.length },
        mend: "Use PNG, JPEG, WebP or MP4.",
      },
    );
  }
  return container;
}
