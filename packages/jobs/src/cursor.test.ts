import { isProsoponError } from "@prosopon/errors";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compareCursors, formatCursor, parseCursor } from "./cursor.ts";

const cursors = fc.record({
  epoch: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  seq: fc.integer({ min: 0, max: 1e15 - 1 }),
});

test("a cursor is parsed to what it was made of", () => {
  expect(formatCursor({ epoch: 1, seq: 2 })).toBe(Buffer.from("v1.1.2").toString("base64url"));
  fc.assert(
    fc.property(cursors, (cursor) => {
      expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
    }),
  );
});

test("any other text is refused with bad-input", () => {
  const texts = [
    "",
    "v1.0.1",
    "v2.1.1",
    "v1.01.2",
    "v1.1.-1",
    "v1.1.1e3",
    "v1.2147483648.1",
    "v1.1.2 ",
    "v1.1.9999999999999999",
  ];
  const encoded = texts.map((text) => Buffer.from(text).toString("base64url"));
  for (const text of ["v1.1.2", "djEuMS4y=", "djEuMS4z ", "djEu/S4y", "x".repeat(10_000), ...encoded])
    expect(() => parseCursor(text), text).toThrow(/is no cursor/);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
      try {
        expect(formatCursor(parseCursor(text))).toBe(text);
      } catch (error) {
        expect(isProsoponError(error) && error.code).toBe("bad-input");
      }
    }),
  );
});

test("the spare bits of base64 make no second cursor", () => {
  const text = formatCursor({ epoch: 1, seq: 10 }); // 7 bytes: four spare bits
  const other = `${text.slice(0, -1)}${String.fromCharCode(text.charCodeAt(text.length - 1) + 1)}`;
  expect(Buffer.from(other, "base64url").equals(Buffer.from(text, "base64url"))).toBe(true);
  expect(() => parseCursor(other)).toThrow(/is no cursor/);
});

test("the epoch counts before the seq", () => {
  fc.assert(
    fc.property(cursors, cursors, (a, b) => {
      const expected = a.epoch === b.epoch ? Math.sign(a.seq - b.seq) : Math.sign(a.epoch - b.epoch);
      expect(Math.sign(compareCursors(a, b))).toBe(expected);
    }),
  );
});
