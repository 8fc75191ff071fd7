import { containerOf } from "./container-of.ts";
import { packetText } from "./mark.ts";
import { type Provenance, readPacket } from "./packet.ts";

/**
 * What a PNG, JPEG, WebP or MP4 file says about where its picture comes from, whoever wrote it; undefined if it says nothing.
 * Nothing proves it: anyone can write or remove a mark. Throws `bad-file` for other formats and broken files.
 */
export function read(bytes: Uint8Array): Provenance | undefined {
  const packet = packetText(containerOf(bytes), bytes);
  return packet === undefined ? undefined : readPacket(packet);
}
