/** A piece of a protobuf message: bytes in the order in which they are written. */
export type Piece = Uint8Array | readonly Piece[];

const text = new TextEncoder();

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}

/** Field `number` of wire type 0: a whole number from 0 to 2^53. */
export const integer = (number: number, value: number): Piece => [varint(number * 8), varint(value)];

/** Field `number` of wire type 2: text, bytes, or a message in pieces. */
export function bytes(number: number, value: string | Piece): Piece {
  const content = typeof value === "string" ? text.encode(value) : value;
  return [varint(number * 8 + 2), varint(lengthOf(content)), content];
}

/** Number of bytes of a piece. */
export const lengthOf = (piece: Piece): number =>
  piece instanceof Uint8Array ? piece.length : piece.reduce((sum, part) => sum + lengthOf(part), 0);

/** All bytes of a piece in one array. Big arrays are copied once, here. */
export function joined(piece: Piece): Uint8Array {
  const target = new Uint8Array(lengthOf(piece));
  let at = 0;
  const write = (part: Piece): void => {
    if (part instanceof Uint8Array) {
      target.set(part, at);
      at += part.length;
    } else part.forEach(write);
  };
  write(piece);
  return target;
}
