import { badPickle } from "./pickle-error.ts";

/** Most bytes, or digits, of one integer: enough for any key, too few to make the conversion slow. */
const longestInteger = 1024;

const plain = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

/** A decimal literal; a number when it is a safe integer. @throws `bad-file`. */
export function integer(text: string): number | bigint {
  if (text.length > longestInteger || !/^[+-]?\d+$/.test(text)) throw badPickle("an integer is malformed or too long.");
  return plain(text.startsWith("+") ? BigInt(text.slice(1)) : BigInt(text));
}

/** Little-endian two's complement of any length; empty is 0. @throws `bad-file`. */
export function integerOf(bytes: Uint8Array): number | bigint {
  if (bytes.length > longestInteger) throw badPickle(`an integer of ${bytes.length} bytes is too long.`);
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return plain(BigInt.asIntN(bytes.length * 8, value));
}

const simple: Readonly<Record<string, number>> = {
  n: 10,
  r: 13,
  t: 9,
  b: 8,
  f: 12,
  v: 11,
  a: 7,
  "\\": 92,
  "'": 39,
  '"': 34,
};

/** A Python 2 string literal with its quotes (protocol 0), as bytes. @throws `bad-file`. */
export function escapedBytes(literal: string): Uint8Array {
  const quote = literal[0];
  if (literal.length < 2 || (quote !== "'" && quote !== '"') || literal.at(-1) !== quote)
    throw badPickle("a string literal has no quotes.");
  const inner = new TextEncoder().encode(literal.slice(1, -1));
  const out: number[] = [];
  for (let i = 0; i < inner.length; i++) {
    if (inner[i] !== 0x5c) {
      out.push(inner[i]!);
      continue;
    }
    const next = String.fromCharCode(inner[++i] ?? 0);
    const code = simple[next];
    const hex = next === "x" ? String.fromCharCode(...inner.subarray(i + 1, i + 3)) : "";
    if (code !== undefined) out.push(code);
    else if (/^[0-9a-fA-F]{2}$/.test(hex)) {
      out.push(Number.parseInt(hex, 16));
      i += 2;
    } else throw badPickle(`a string literal has the unknown escape "\\${next}".`);
  }
  return Uint8Array.from(out);
}

/** Text in Python's raw-unicode-escape (protocol 0). */
export const escapedText = (line: string): string =>
  line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (whole, short?: string, long?: string) => {
    const point = Number.parseInt(short ?? long ?? "", 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
