import { ProsoponError } from "@prosopon/errors";
import { bytesToText, textToBytes } from "./byte-text.ts";
import { type Container, LARGEST_PACKET, type MarkedMime } from "./container.ts";
import { containerOf } from "./container-of.ts";
import { DIGITAL_SOURCES, type DigitalSource } from "./digital-source.ts";
import { type MarkDetails, markedPacket } from "./packet.ts";

/**
 * A copy of an image or film (PNG, JPEG, WebP, MP4) that says where its picture comes from: XMP with Iptc4xmpExt:DigitalSourceType. The container alone
 * changes: image data and other metadata keep their bytes, and a mark that was there is replaced. `kind` is
 * `compositeWithTrainedAlgorithmicMedia` if not given, which suits an edited photograph.
 *
 * Throws `bad-input` if the bytes are not of type `mime`, or for an unknown kind or impossible details; `bad-file` for a file that
 * breaks its format, and for XMP that cannot be kept (not RDF, over 4 MiB, or too long for one JPEG segment).
 */
export function mark(
  bytes: Uint8Array,
  mime: MarkedMime,
  kind: DigitalSource = "compositeWithTrainedAlgorithmicMedia",
  details: MarkDetails = {},
): Uint8Array {
  checkKind(kind);
  const container = containerOf(bytes);
  if (container.mime !== mime) {
    throw new ProsoponError("bad-input", `The bytes are ${container.mime}, not ${mime}.`, {
      values: { mime, found: container.mime },
    });
  }
  return container.withXmp(bytes, textToBytes(markedPacket(packetText(container, bytes), kind, details)));
}

/** Throws `bad-input` for what is no IPTC digital source type. */
export function checkKind(kind: DigitalSource): void {
  if (!DIGITAL_SOURCES.includes(kind)) {
    throw new ProsoponError("bad-input", `${JSON.stringify(kind)} is no IPTC digital source type.`, {
      values: { kind },
      mend: `Use one of ${DIGITAL_SOURCES.join(", ")}.`,
    });
  }
}

/** The packet of a file as byte text. Throws `bad-file` for one over 4 MiB. */
export function packetText(container: Container, bytes: Uint8Array): string | undefined {
  const packet = container.xmp(bytes);
  if (packet === undefined) return undefined;
  checkPacketLength(packet.length);
  return bytesToText(packet);
}

/** Throws `bad-file` for a packet over 4 MiB. */
export function checkPacketLength(length: number): void {
  if (length > LARGEST_PACKET) {
    throw new ProsoponError("bad-file", `The XMP packet has ${length} bytes; at most ${LARGEST_PACKET} are read.`, {
      values: { length },
    });
  }
}
