import { ProsoponError } from "@prosopon/errors";
import { bytesToText, concatenated } from "./byte-text.ts";
import { type Container, LARGEST_PACKET, malformed } from "./container.ts";

/** The type of the box that holds XMP: BE7ACFCB-97A9-42E8-9C71-999491E3AFAC (XMP specification part 3, 1.1.7). */
const XMP_UUID = "\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac";
/** No film has so many boxes at its top level; this bounds the work on a hostile file. */
const MOST_BOXES = 2 ** 18;

/** Bytes that can be read at any place, of memory or of a file. */
export interface RandomAccess {
  readonly size: number;
  /** The bytes from `at` on, `length` of them or as many as there are. */
  read(at: number, length: number): Uint8Array;
}

/** What has to change for an XMP box to be exchanged; media data keep their places, on which the index of the film depends. */
export interface Mp4Edit {
  /** Bytes to be overwritten: what was XMP becomes free space, and the length of an open last box is written out. */
  readonly patches: readonly { readonly at: number; readonly bytes: Uint8Array }[];
  /** Where the new box comes, and the bytes that follow it: an index of fragments must stay last. */
  readonly insertAt: number;
  readonly tail: { readonly from: number; readonly to: number };
  /** The packet that is there, or undefined. */
  readonly packet: { readonly at: number; readonly length: number } | undefined;
}

/** MP4 and other ISO base media films: a `uuid` box behind all others. */
export const mp4: Container = {
  mime: "video/mp4",
  xmp: (bytes) => {
    const { packet } = mp4Edit(accessOf(bytes));
    return packet && bytes.subarray(packet.at, packet.at + packet.length);
  },
  withXmp: (bytes, packet) => {
    const { patches, insertAt, tail } = mp4Edit(accessOf(bytes));
    const result = concatenated([bytes.subarray(0, insertAt), xmpBox(packet), bytes.subarray(tail.from, tail.to)]);
    for (const patch of patches) result.set(patch.bytes, patch.at);
    return result;
  },
};

/** Whether the first bytes are those of a film (and not of a still picture of the same family). */
export function isMp4(head: Uint8Array): boolean {
  return /^ftyp(?!avi[fs]|mif1|msf1|hei|hev|miaf)/.test(bytesToText(head.subarray(4, 12)));
}

/** Throws `bad-file` for a film that breaks its format or is cut off. */
export function mp4Edit(file: RandomAccess): Mp4Edit {
  const boxes = boxesOf(file);
  const patches: { at: number; bytes: Uint8Array }[] = [];
  const xmp = boxes.filter((box) => box.xmp);
  const last = boxes.at(-1)!;
  const packet = xmp[0] && {
    at: xmp[0].start + xmp[0].head + 16,
    length: xmp[0].end - xmp[0].start - xmp[0].head - 16,
  };
  // A fragmented film may end in an index (mfra) that readers look for at the very end.
  const index = last.type === "mfra" ? last : undefined;
  const body = index === undefined ? boxes : boxes.slice(0, -1);
  let insertAt = body.at(-1)!.end;
  for (const box of body.toReversed()) {
    if (!box.xmp) break;
    insertAt = box.start;
  }
  for (const box of xmp) {
    if (box.start < insertAt) patches.push({ at: box.start + 4, bytes: Uint8Array.from(FREE) });
  }
  if (last.open && last.start < insertAt) {
    const size = last.end - last.start;
    if (size > 0xffff_ffff) {
      throw new ProsoponError("bad-file", "The last box of the MP4 is open and longer than 4 GiB.", {
        values: { size },
        mend: "Write the film again, for instance with ffmpeg -c copy.",
      });
    }
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, size);
    patches.push({ at: last.start, bytes });
  }
  return { patches, insertAt, tail: { from: index?.start ?? file.size, to: file.size }, packet };
}

/** The box that holds `packet`. */
export function xmpBox(packet: Uint8Array): Uint8Array {
  if (packet.length > LARGEST_PACKET) {
    throw new ProsoponError("bad-file", `An XMP packet of ${packet.length} bytes is not written.`, {
      values: { length: packet.length },
    });
  }
  const box = new Uint8Array(24 + packet.length);
  new DataView(box.buffer).setUint32(0, box.length);
  box.set(
    Array.from(`uuid${XMP_UUID}`, (character) => character.charCodeAt(0)),
    4,
  );
  box.set(packet, 24);
  return box;
}

const FREE = [0x66, 0x72, 0x65, 0x65];

interface Box {
  readonly type: string;
  readonly start: number;
  /** Bytes of its head: 8, or 16 with a long length. */
  readonly head: number;
  readonly end: number;
  /** Its length is not written; it ends with the file. */
  readonly open: boolean;
  readonly xmp: boolean;
}

function boxesOf(file: RandomAccess): Box[] {
  const boxes: Box[] = [];
  for (let start = 0; start < file.size; ) {
    const bytes = file.read(start, 32);
    if (bytes.length < 8) throw malformed("MP4", "a box is cut off", start);
    if (boxes.length === MOST_BOXES) throw malformed("MP4", `more than ${MOST_BOXES} boxes`, start);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const type = bytesToText(bytes.subarray(4, 8));
    const short = view.getUint32(0);
    const head = short === 1 ? 16 : 8;
    if (bytes.length < head) throw malformed("MP4", "a box is cut off", start);
    const size = short === 0 ? file.size - start : short === 1 ? Number(view.getBigUint64(8)) : short;
    if (size < head || start + size > file.size) throw malformed("MP4", "a box runs past the end", start);
    const xmp = type === "uuid" && size >= head + 16 && bytesToText(bytes.subarray(head, head + 16)) === XMP_UUID;
    boxes.push({ type, start, head, end: start + size, open: short === 0, xmp });
    start += size;
  }
  const has = (type: string): boolean => boxes.some((box) => box.type === type);
  if (boxes[0]?.type !== "ftyp") throw malformed("MP4", "no film begins", 0);
  if (!has("moov") || !(has("mdat") || has("moof"))) {
    throw malformed("MP4", "it is cut off: it has no index or no media data", file.size);
  }
  return boxes;
}

function accessOf(bytes: Uint8Array): RandomAccess {
  return { size: bytes.length, read: (at, length) => bytes.subarray(at, at + length) };
}
