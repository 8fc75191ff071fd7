import { bytesToText, concatenated, textToBytes } from "./byte-text.ts";
import { type Container, LARGEST_PACKET, malformed } from "./container.ts";
import { inflate } from "./inflate.ts";

const TEXTS = new Set(["tEXt", "zTXt", "iTXt"]);
const KEYWORD = "XML:com.adobe.xmp\0";

/**
 * PNG: an uncompressed iTXt chunk before the image data (XMP specification part 3, 1.1.5). Packets in the other text chunks are
 * read too, since libvips writes compressed zTXt.
 */
export const png: Container = {
  mime: "image/png",
  xmp: (bytes) => {
    const chunk = chunksOf(bytes).find((one) => one.xmp);
    return chunk === undefined ? undefined : textOf(chunk.type, bytes.subarray(chunk.start + 8, chunk.end - 4));
  },
  withXmp: (bytes, packet) => {
    const chunks = chunksOf(bytes);
    const body = concatenated([textToBytes(`iTXt${KEYWORD}\0\0\0\0`), packet]);
    const chunk = new Uint8Array(body.length + 8);
    const view = new DataView(chunk.buffer);
    view.setUint32(0, body.length - 4);
    chunk.set(body, 4);
    view.setUint32(body.length + 4, crc32(body));
    const parts: Uint8Array[] = [bytes.subarray(0, 8)];
    let placed = false;
    for (const one of chunks) {
      if (one.type === "IDAT" && !placed) {
        parts.push(chunk);
        placed = true;
      }
      if (!one.xmp) parts.push(bytes.subarray(one.start, one.end));
    }
    parts.push(bytes.subarray(chunks.at(-1)!.end));
    return concatenated(parts);
  },
};

interface Chunk {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly xmp: boolean;
}

function chunksOf(bytes: Uint8Array): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks: Chunk[] = [];
  let data = false;
  for (let start = 8; ; ) {
    if (start + 12 > bytes.length) throw malformed("PNG", "it ends before its IEND chunk", start);
    const end = start + 12 + view.getUint32(start);
    const type = bytesToText(bytes.subarray(start + 4, start + 8));
    if (!/^[A-Za-z]{4}$/.test(type)) throw malformed("PNG", "no chunk begins", start);
    if (end > bytes.length) throw malformed("PNG", `the chunk ${type} runs past the end`, start);
    if ((start === 8) !== (type === "IHDR")) throw malformed("PNG", "IHDR is not the first chunk", start);
    data ||= type === "IDAT";
    const head = bytes.subarray(start + 8, Math.min(end - 4, start + 8 + KEYWORD.length));
    chunks.push({ type, start, end, xmp: TEXTS.has(type) && bytesToText(head) === KEYWORD });
    if (type === "IEND") break;
    start = end;
  }
  if (!data) throw malformed("PNG", "it has no image data", 8);
  return chunks;
}

// After the keyword come: in tEXt the text; in zTXt a method and the text; in iTXt a flag, a method, and two names that end with 0.
function textOf(type: string, payload: Uint8Array): Uint8Array {
  const after = KEYWORD.length;
  if (type === "tEXt") return payload.subarray(after);
  if (type === "zTXt") return inflate(payload.subarray(after + 1), LARGEST_PACKET);
  const language = payload.indexOf(0, after + 2);
  const translated = language < 0 ? -1 : payload.indexOf(0, language + 1);
  if (translated < 0) throw malformed("PNG", "the XMP chunk has no text", payload.length);
  const text = payload.subarray(translated + 1);
  return payload[after] === 0 ? text : inflate(text, LARGEST_PACKET);
}

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array): number {
  let value = -1;
  for (const byte of bytes) value = TABLE[(value ^ byte) & 255]! ^ (value >>> 8);
  return ~value >>> 0;
}
