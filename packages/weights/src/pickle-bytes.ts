import { badPickle } from "./pickle-error.ts";

/** A cursor over the bytes of a pickle. Every read past the end throws `bad-file` with `values.ended`. */
export interface PickleBytes {
  position(): number;
  /** `length` bytes, shared with the source. */
  take(length: number): Uint8Array;
  unsigned(width: 1 | 2 | 4 | 8): number;
  signed(): number;
  float(): number;
  /** Up to the next newline, which is skipped. */
  line(): string;
  /** UTF-8 text of `length` bytes. */
  text(length: number): string;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8, strictly. @throws `bad-file`. */
export function strictText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw badPickle("a string is not valid UTF-8.");
  }
}

export function pickleBytes(source: Uint8Array, start: number): PickleBytes {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  let at = start;
  const advance = (length: number): number => {
    if (length > source.length - at)
      throw badPickle(`it ends after ${source.length} bytes, in the middle of a value.`, {
        ended: true,
        length: source.length,
      });
    at += length;
    return at - length;
  };
  const take = (length: number): Uint8Array => {
    const from = advance(length);
    return source.subarray(from, from + length);
  };
  return {
    position: () => at,
    take,
    unsigned(width) {
      const from = advance(width);
      if (width === 1) return view.getUint8(from);
      if (width === 2) return view.getUint16(from, true);
      if (width === 4) return view.getUint32(from, true);
      return Number(view.getBigUint64(from, true)); // lengths: beyond 2^53 they exceed the source however rounded
    },
    signed: () => view.getInt32(advance(4), true),
    float: () => view.getFloat64(advance(8)),
    line() {
      const end = source.indexOf(0x0a, at);
      const text = strictText(take(end < 0 ? source.length - at + 1 : end - at));
      at++;
      return text;
    },
    text: (length) => strictText(take(length)),
  };
}
