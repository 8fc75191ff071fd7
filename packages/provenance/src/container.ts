import { ProsoponError } from "@prosopon/errors";

/** Editors write a few kilobytes of XMP; this bounds the work on a hostile file. */
export const LARGEST_PACKET = 4 * 2 ** 20;

/** The formats that carry a mark. */
export type MarkedMime = "image/png" | "image/jpeg" | "image/webp" | "video/mp4";

/** How one file format carries an XMP packet. Both functions throw `bad-file` for bytes that break the format. */
export interface Container {
  readonly mime: MarkedMime;
  /** The packet as it stands in the file, or undefined. */
  xmp(bytes: Uint8Array): Uint8Array | undefined;
  /** A copy with `packet` in place of the packets that were there; every other byte of the image data is kept. */
  withXmp(bytes: Uint8Array, packet: Uint8Array): Uint8Array;
}

export function malformed(format: string, what: string, position: number): ProsoponError {
  return new ProsoponError("bad-file", `The ${format} is malformed: ${what} at byte ${position}.`, {
    values: { format, position },
  });
}
