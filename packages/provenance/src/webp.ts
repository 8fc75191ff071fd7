import { bytesToText, concatenated, textToBytes } from "./byte-text.ts";
import { type Container, malformed } from "./container.ts";

const XMP_FLAG = 0x04;
const ALPHA_FLAG = 0x10;

/** WebP: an "XMP " chunk at the end, announced in VP8X; a simple file is given a VP8X chunk (RFC 9649, 2.7). */
export const webp: Container = {
  mime: "image/webp",
  xmp: (bytes) => chunksOf(bytes).find((one) => one.type === "XMP ")?.payload,
  withXmp: (bytes, packet) => {
    const chunks = chunksOf(bytes);
    const first = chunks[0]!;
    // Not slice(): the byte arrays of Node have one that shares the memory.
    const extended = first.type === "VP8X" ? new Uint8Array(first.payload) : canvasOf(first);
    extended[0]! |= XMP_FLAG;
    const rest = chunks.filter((one) => one.type !== "XMP " && one.type !== "VP8X");
    const body = concatenated([
      textToBytes("WEBP"),
      chunkOf("VP8X", extended),
      ...rest.map((one) => chunkOf(one.type, one.payload)),
      chunkOf("XMP ", packet),
    ]);
    const head = textToBytes("RIFF\0\0\0\0");
    new DataView(head.buffer).setUint32(4, body.length, true);
    return concatenated([head, body, bytes.subarray(riffEnd(bytes))]);
  },
};

interface Chunk {
  readonly type: string;
  readonly start: number;
  readonly payload: Uint8Array;
}

function riffEnd(bytes: Uint8Array): number {
  if (bytes.length < 12) throw malformed("WebP", "it is cut off", bytes.length);
  const end = 8 + new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(4, true);
  if (end < 12 || end > bytes.length) throw malformed("WebP", "its length does not agree with its header", 4);
  return end;
}

function chunksOf(bytes: Uint8Array): Chunk[] {
  const end = riffEnd(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks: Chunk[] = [];
  for (let start = 12; start < end; ) {
    if (start + 8 > end) throw malformed("WebP", "a chunk is cut off", start);
    const type = bytesToText(bytes.subarray(start, start + 4));
    const stop = start + 8 + view.getUint32(start + 4, true);
    if (stop > end) throw malformed("WebP", "a chunk runs past the end", start);
    chunks.push({ type, start, payload: bytes.subarray(start + 8, stop) });
    // Chunks are padded to an even length; some writers leave out the last pad byte.
    start = stop + (stop % 2);
  }
  const first = chunks[0];
  if (first === undefined || !["VP8 ", "VP8L", "VP8X"].includes(first.type))
    throw malformed("WebP", "no image begins", 12);
  if (first.type === "VP8X" && first.payload.length < 10) throw malformed("WebP", "its VP8X chunk is too short", 12);
  if (!chunks.some((one) => ["VP8 ", "VP8L", "ANMF"].includes(one.type)))
    throw malformed("WebP", "it has no image data", 12);
  return chunks;
}

function chunkOf(type: string, payload: Uint8Array): Uint8Array {
  const result = new Uint8Array(8 + payload.length + (payload.length % 2));
  result.set(textToBytes(type));
  new DataView(result.buffer).setUint32(4, payload.length, true);
  result.set(payload, 8);
  return result;
}

/** The ten bytes of a VP8X chunk for a simple file, whose size stands in the head of its only picture. */
function canvasOf({ type, start, payload }: Chunk): Uint8Array {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  let width = 0;
  let height = 0;
  let alpha = false;
  if (type === "VP8L") {
    if (payload.length < 5 || payload[0] !== 0x2f)
      throw malformed("WebP", "its lossless picture has no signature", start);
    const bits = view.getUint32(1, true);
    width = (bits & 0x3fff) + 1;
    height = ((bits >>> 14) & 0x3fff) + 1;
    alpha = ((bits >>> 28) & 1) === 1;
  } else {
    if (
      payload.length < 10 ||
      (payload[0]! & 1) !== 0 ||
      payload[3] !== 0x9d ||
      payload[4] !== 0x01 ||
      payload[5] !== 0x2a
    ) {
      throw malformed("WebP", "its picture has no key frame", start);
    }
    width = view.getUint16(6, true) & 0x3fff;
    height = view.getUint16(8, true) & 0x3fff;
  }
  if (width === 0 || height === 0) throw malformed("WebP", "its picture is empty", start);
  const result = new Uint8Array(10);
  result[0] = alpha ? ALPHA_FLAG : 0;
  for (let byte = 0; byte < 3; byte += 1) {
    result[4 + byte] = (width - 1) >>> (8 * byte);
    result[7 + byte] = (height - 1) >>> (8 * byte);
  }
  return result;
}
