import { constants, deflateSync } from "node:zlib";
import { isProsoponError } from "@prosopon/errors";
import fc from "fast-check";
import { expect, test } from "vitest";
import { inflate } from "./inflate.ts";

const data = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }),
  fc
    .array(fc.constantFrom(...Array.from("<rdf:li> ", (one) => one.charCodeAt(0))), { maxLength: 5000 })
    .map((list) => Uint8Array.from(list)),
  fc.tuple(fc.nat(255), fc.nat(40_000)).map(([byte, length]) => new Uint8Array(length).fill(byte)),
);

test("undoes zlib at every level and strategy", () => {
  fc.assert(
    fc.property(
      data,
      fc.nat(9),
      fc.constantFrom(constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_HUFFMAN_ONLY, constants.Z_RLE),
      (bytes, level, strategy) => {
        const result = inflate(new Uint8Array(deflateSync(bytes, { level, strategy })), 2 ** 20);
        expect(result.length).toBe(bytes.length);
        expect(result.every((byte, index) => byte === bytes[index])).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

test("meets damaged and cut data with a result or its own error, and bombs with a refusal", () => {
  const whole = new Uint8Array(deflateSync(Uint8Array.from({ length: 4000 }, (_, index) => (index * index) % 97)));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 }),
      fc.nat(whole.length),
      (edits, length) => {
        const bytes = whole.slice(0, length);
        for (const [place, value] of edits) if (place < length) bytes[place] = value;
        try {
          inflate(bytes, 2 ** 16);
        } catch (error) {
          if (!isProsoponError(error)) throw error;
        }
      },
    ),
    { numRuns: 1000 },
  );
  const bomb = new Uint8Array(deflateSync(new Uint8Array(2 ** 22)));
  expect(() => inflate(bomb, 2 ** 20)).toThrow(/more than 1048576 bytes/);
  expect(() => inflate(new Uint8Array([1, 2, 3]), 100)).toThrow(/no zlib header/);
});
