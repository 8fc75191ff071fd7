import { ProsoponError } from "@prosopon/errors";

const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
];
const DISTANCE_BITS = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** A canonical code: how many codes there are of each length, and the symbols in the order of their codes. */
interface Code {
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

/**
 * Undoes zlib compression (RFC 1950, 1951), here of metadata in PNG, in code that needs no platform. The check sum is not
 * compared. Throws `bad-file` for broken data and for more than `largest` bytes.
 */
export function inflate(bytes: Uint8Array, largest: number): Uint8Array {
  if (
    bytes.length < 2 ||
    (bytes[0]! & 15) !== 8 ||
    ((bytes[0]! << 8) | bytes[1]!) % 31 !== 0 ||
    (bytes[1]! & 32) !== 0
  ) {
    throw broken("no zlib header");
  }
  let out = new Uint8Array(Math.min(largest, 4 * bytes.length + 64));
  let size = 0;
  let at = 2;
  let buffer = 0;
  let held = 0;

  const take = (count: number): number => {
    while (held < count) {
      if (at >= bytes.length) throw broken("it is cut off");
      buffer |= bytes[at]! << held;
      at += 1;
      held += 8;
    }
    const value = buffer & ((1 << count) - 1);
    buffer >>>= count;
    held -= count;
    return value;
  };
  const put = (byte: number): void => {
    if (size === out.length) {
      if (size >= largest) throw broken(`it holds more than ${largest} bytes`);
      const longer = new Uint8Array(Math.min(largest, 2 * size));
      longer.set(out);
      out = longer;
    }
    out[size] = byte;
    size += 1;
  };
  // Codes of one length are consecutive numbers, so a bit at a time tells when the code is complete.
  const symbol = ({ counts, symbols }: Code): number => {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= 15; length += 1) {
      code |= take(1);
      const count = counts[length]!;
      if (code - count < first) return symbols[index + code - first]!;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw broken("an unknown code");
  };
  const compressed = (literals: Code, distances: Code): void => {
    for (;;) {
      const value = symbol(literals);
      if (value === 256) return;
      if (value < 256) {
        put(value);
        continue;
      }
      const base = LENGTH_BASE[value - 257];
      if (base === undefined) throw broken("an unknown length");
      const length = base + take(LENGTH_BITS[value - 257]!);
      const kind = symbol(distances);
      const near = DISTANCE_BASE[kind];
      if (near === undefined) throw broken("an unknown distance");
      const distance = near + take(DISTANCE_BITS[kind]!);
      if (distance > size) throw broken("a reference before the beginning");
      for (let copied = 0; copied < length; copied += 1) put(out[size - distance]!);
    }
  };

  for (let last = false; !last; ) {
    last = take(1) === 1;
    const kind = take(2);
    if (kind === 0) {
      buffer = 0;
      held = 0;
      const length = take(8) | (take(8) << 8);
      if ((take(8) | (take(8) << 8)) !== (~length & 0xffff)) throw broken("a block of impossible length");
      for (let copied = 0; copied < length; copied += 1) put(take(8));
    } else if (kind === 1) {
      compressed(FIXED_LITERALS, FIXED_DISTANCES);
    } else if (kind === 2) {
      const literalCount = take(5) + 257;
      const distanceCount = take(5) + 1;
      const orderCount = take(4) + 4;
      const lengths = new Uint8Array(19);
      for (let index = 0; index < orderCount; index += 1) lengths[ORDER[index]!] = take(3);
      const code = codeOf(lengths);
      const all: number[] = [];
      while (all.length < literalCount + distanceCount) {
        const value = symbol(code);
        if (value === 16 && all.length === 0) throw broken("a repetition of nothing");
        const repeat = value < 16 ? 1 : value === 16 ? 3 + take(2) : value === 17 ? 3 + take(3) : 11 + take(7);
        const length = value < 16 ? value : value === 16 ? all.at(-1)! : 0;
        for (let count = 0; count < repeat; count += 1) all.push(length);
      }
      if (all.length > literalCount + distanceCount) throw broken("too many code lengths");
      compressed(codeOf(all.slice(0, literalCount)), codeOf(all.slice(literalCount)));
    } else {
      throw broken("an unknown block");
    }
  }
  return out.subarray(0, size);
}

function codeOf(lengths: ArrayLike<number>): Code {
  const counts = new Uint16Array(16);
  for (let index = 0; index < lengths.length; index += 1) counts[lengths[index]!]! += 1;
  counts[0] = 0;
  const starts = new Uint16Array(17);
  let left = 1;
  for (let length = 1; length <= 15; length += 1) {
    left = 2 * left - counts[length]!;
    if (left < 0) throw broken("more codes than fit");
    starts[length + 1] = starts[length]! + counts[length]!;
  }
  const symbols = new Uint16Array(lengths.length);
  for (let index = 0; index < lengths.length; index += 1) {
    const length = lengths[index]!;
    if (length === 0) continue;
    symbols[starts[length]!] = index;
    starts[length]! += 1;
  }
  return { counts, symbols };
}

const FIXED_LITERALS = codeOf(
  Array.from({ length: 288 }, (_, index) => (index < 144 ? 8 : index < 256 ? 9 : index < 280 ? 7 : 8)),
);
const FIXED_DISTANCES = codeOf(new Array<number>(30).fill(5));

function broken(what: string): ProsoponError {
  return new ProsoponError("bad-file", `The compressed metadata is malformed: ${what}.`);
}
