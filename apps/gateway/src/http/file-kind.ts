/** A kind of file that may be uploaded, told by its first bytes; what a client says of it counts for nothing. */
export type FileKind =
  | "image/jpeg"
  | "image/png"
  | "image/webp"
  | "audio/wav"
  | "audio/mpeg"
  | "audio/ogg"
  | "audio/flac"
  | "audio/aac"
  | "audio/mp4"
  | "audio/webm"
  | "video/mp4"
  | "video/webm";

/** As many bytes as `fileKind` looks at. */
export const FILE_KIND_BYTES = 4096;

const text = (bytes: Uint8Array, from: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(from, from + length));

/** Matroska's document type; anything else in an EBML file is no WebM. A video track shows as its codec's name, "V_...". */
function ebmlKind(bytes: Uint8Array): FileKind | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, FILE_KIND_BYTES)).toString("latin1");
  if (!/webm|matroska/.test(head.slice(0, 64))) return undefined;
  return head.includes("V_") ? "video/webm" : "audio/webm";
}

function mpegKind(bytes: Uint8Array): FileKind | undefined {
  if (text(bytes, 0, 3) === "ID3") return "audio/mpeg";
  const [first = 0, second = 0, third = 0] = bytes;
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return undefined;
  // ADTS has layer 0; MPEG audio has layer I to III, a bit rate and a sampling rate.
  if ((second & 0xf6) === 0xf0) return "audio/aac";
  return (second & 0x18) !== 0x08 && (second & 0x06) !== 0 && third >> 4 !== 15 && (third & 0x0c) !== 0x0c
    ? "audio/mpeg"
    : undefined;
}

/** The kind by magic bytes, undefined for everything else (playlists, SVG, archives, text). */
export function fileKind(bytes: Uint8Array): FileKind | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return "image/jpeg";
  if (text(bytes, 0, 8) === "\x89PNG\r\n\x1a\n") return "image/png";
  if (text(bytes, 0, 4) === "RIFF" && text(bytes, 8, 4) === "WEBP") return "image/webp";
  if (text(bytes, 0, 4) === "RIFF" && text(bytes, 8, 4) === "WAVE") return "audio/wav";
  if (text(bytes, 0, 4) === "OggS") return "audio/ogg";
  if (text(bytes, 0, 4) === "fLaC") return "audio/flac";
  if (text(bytes, 4, 4) === "ftyp") return /^M4[AB] /.test(text(bytes, 8, 4)) ? "audio/mp4" : "video/mp4";
  if (text(bytes, 0, 4) === "\x1a\x45\xdf\xa3") return ebmlKind(bytes);
  return mpegKind(bytes);
}

/** True where `mime` is one that `accept` takes, such as "audio/*". MP4 and WebM may hold sound alone, so "audio/*" takes them too. */
export function accepts(accept: readonly string[], mime: string): boolean {
  const names = mime === "video/mp4" || mime === "video/webm" ? [mime, mime.replace("video", "audio")] : [mime];
  return accept.some((one) =>
    names.some((name) => one === name || one === "*/*" || (one.endsWith("/*") && name.startsWith(one.slice(0, -1)))),
  );
}
