import { concatenated, textToBytes } from "./byte-text.ts";

/** One DER element: tag, length, content (X.690, 10.1). */
export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concatenated(parts);
  const { length } = content;
  const head =
    length < 128
      ? [tag, length]
      : length < 256
        ? [tag, 0x81, length]
        : length < 65_536
          ? [tag, 0x82, length >> 8, length & 255]
          : [tag, 0x83, length >> 16, (length >> 8) & 255, length & 255];
  return concatenated([Uint8Array.from(head), content]);
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => der(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]): Uint8Array => der(0x31, ...parts);
export const octets = (content: Uint8Array): Uint8Array => der(0x04, content);
export const utf8 = (text: string): Uint8Array => der(0x0c, new TextEncoder().encode(text));
export const truth = (): Uint8Array => der(0x01, Uint8Array.of(0xff));

/** An integer from its big-endian bytes, taken as positive. */
export function integer(bytes: Uint8Array): Uint8Array {
  const start = Math.max(
    0,
    bytes.findIndex((byte) => byte !== 0),
  );
  const digits = bytes.subarray(start);
  return der(0x02, Uint8Array.of(...((digits[0] ?? 0) >= 128 || digits.length === 0 ? [0] : [])), digits);
}

/** A bit string; `unused` bits at its end do not count. */
export function bits(content: Uint8Array, unused = 0): Uint8Array {
  return der(0x03, Uint8Array.of(unused), content);
}

/** An object identifier such as `1.2.840.10045.4.3.2`. */
export function identifier(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes = [40 * first + second];
  for (const arc of rest) {
    const digits = [arc & 127];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift((left & 127) | 128);
    bytes.push(...digits);
  }
  return der(0x06, Uint8Array.from(bytes));
}

/** A moment as UTCTime until 2049 and as GeneralizedTime from then on (RFC 5280, 4.1.2.5). */
export function moment(date: Date): Uint8Array {
  const text = `${date.toISOString().replace(/[-:T]|\.\d+/g, "")}`;
  return date.getUTCFullYear() < 2050 ? der(0x17, textToBytes(text.slice(2))) : der(0x18, textToBytes(text));
}
