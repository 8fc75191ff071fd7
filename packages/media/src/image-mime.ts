/** The image formats that are told apart by their first bytes. */
export type ImageMime = "image/png" | "image/jpeg" | "image/webp" | "image/gif" | "image/avif" | "image/tiff";

/** What the first bytes say that a file is, or undefined. They promise nothing about the rest. */
export function imageMime(bytes: Uint8Array): ImageMime | undefined {
  const text = String.fromCharCode(...bytes.subarray(0, 32));
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (text.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (text.startsWith("RIFF") && text.startsWith("WEBP", 8)) return "image/webp";
  if (text.startsWith("GIF87a") || text.startsWith("GIF89a")) return "image/gif";
  if (text.startsWith("ftyp", 4) && /^(?:avif|avis|mif1|miaf)/.test(text.slice(8))) return "image/avif";
  if (text.startsWith("II*\0") || text.startsWith("MM\0*") || text.startsWith("II+\0") || text.startsWith("MM\0+")) {
    return "image/tiff";
  }
  return undefined;
}
