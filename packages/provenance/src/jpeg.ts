import { ProsoponError } from "@prosopon/errors";
import { bytesToText, concatenated, textToBytes } from "./byte-text.ts";
import { type Container, malformed } from "./container.ts";

const SIGNATURE = "http://ns.adobe.com/xap/1.0/\0";
const LARGEST = 65_533 - SIGNATURE.length;

/** JPEG: an APP1 segment after JFIF and Exif (XMP specification part 3, 1.1.3). Extended XMP segments stay as they are. */
export const jpeg: Container = {
  mime: "image/jpeg",
  xmp: (bytes) => {
    const segment = segmentsOf(bytes).find((one) => one.xmp);
    return segment && bytes.subarray(segment.start + 4 + SIGNATURE.length, segment.end);
  },
  withXmp: (bytes, packet) => {
    if (packet.length > LARGEST) {
      throw new ProsoponError("bad-file", `The XMP packet of ${packet.length} bytes does not fit a JPEG segment.`, {
        values: { length: packet.length, largest: LARGEST },
        mend: "Remove other metadata, or use PNG or WebP.",
      });
    }
    const segments = segmentsOf(bytes);
    const length = packet.length + SIGNATURE.length + 2;
    const head = new Uint8Array([0xff, 0xe1, length >>> 8, length & 255]);
    const parts: Uint8Array[] = [bytes.subarray(0, 2)];
    let placed = false;
    for (const one of segments) {
      if (!placed && !one.leading && !one.xmp) {
        parts.push(head, textToBytes(SIGNATURE), packet);
        placed = true;
      }
      if (!one.xmp) parts.push(bytes.subarray(one.from, one.end));
    }
    parts.push(bytes.subarray(segments.at(-1)!.end));
    return concatenated(parts);
  },
};

interface Segment {
  /** Where its fill bytes begin, its marker begins, and it ends. */
  readonly from: number;
  readonly start: number;
  readonly end: number;
  /** JFIF and Exif segments, which must come first. */
  readonly leading: boolean;
  readonly xmp: boolean;
}

/** The segments from SOI to the first SOS, which is the last in the list. */
function segmentsOf(bytes: Uint8Array): Segment[] {
  const segments: Segment[] = [];
  for (let from = 2; ; ) {
    let start = from;
    while (bytes[start] === 0xff && bytes[start + 1] === 0xff) start += 1;
    const marker = bytes[start + 1];
    if (bytes[start] !== 0xff || marker === undefined || marker === 0)
      throw malformed("JPEG", "no segment begins", from);
    if (marker === 0xd9) throw malformed("JPEG", "it ends before its image data", start);
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      segments.push({ from, start, end: start + 2, leading: false, xmp: false });
      from = start + 2;
      continue;
    }
    if (start + 4 > bytes.length) throw malformed("JPEG", "it is cut off", start);
    const end = start + 2 + ((bytes[start + 2]! << 8) | bytes[start + 3]!);
    if (end < start + 4 || end > bytes.length) throw malformed("JPEG", "a segment has an impossible length", start);
    const head = bytesToText(bytes.subarray(start + 4, Math.min(end, start + 4 + SIGNATURE.length)));
    const exif = marker === 0xe1 && head.startsWith("Exif\0");
    segments.push({ from, start, end, leading: marker === 0xe0 || exif, xmp: marker === 0xe1 && head === SIGNATURE });
    from = end;
    if (marker === 0xda) break;
  }
  const scan = segments.at(-1)!.end;
  for (let at = bytes.indexOf(0xff, scan); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    if (bytes[at + 1] === 0xd9) return segments;
  }
  throw malformed("JPEG", "it is cut off: no end of image follows", bytes.length);
}
