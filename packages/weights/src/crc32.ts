import * as zlib from "node:zlib";

const table = Uint32Array.from({ length: 256 }, (_, i) => {
  let c = i;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c >>> 0;
});

/** CRC-32 of ZIP, for Node before 20.15, which lacks it. `crc` is that of the bytes before. */
export function portableCrc32(bytes: Uint8Array, crc = 0): number {
  let c = ~crc;
  for (let i = 0; i < bytes.length; i++) c = table[(c ^ bytes[i]!) & 0xff]! ^ (c >>> 8);
  return ~c >>> 0;
}

/** CRC-32 of ZIP. `crc` is that of the bytes before. */
export const crc32: (bytes: Uint8Array, crc?: number) => number =
  (zlib as { readonly crc32?: typeof zlib.crc32 }).crc32 ?? portableCrc32;
