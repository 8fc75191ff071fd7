/** The MIME type of an encoded picture by its first bytes; "application/octet-stream" if it is none of JPEG, PNG, WebP, AVIF. */
export function pictureKind(bytes: Uint8Array): string {
  const text = String.fromCharCode(...bytes.subarray(0, 12));
  if (text.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (text.startsWith("\x89PNG")) return "image/png";
  if (text.startsWith("RIFF") && text.endsWith("WEBP")) return "image/webp";
  if (text.slice(4, 11) === "ftypavi") return "image/avif";
  return "application/octet-stream";
}
