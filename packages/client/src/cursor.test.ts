import fc from "fast-check";
import { expect, test } from "vitest";
import { cursorOf, isAfter, positionOf } from "./cursor.ts";

const position = fc.record({ epoch: fc.nat(), seq: fc.nat(1e12) });

test("a position survives its cursor, which is base64url of v1.epoch.seq", () => {
  expect(cursorOf({ epoch: 1, seq: 7 })).toBe(Buffer.from("v1.1.7").toString("base64url"));
  fc.assert(fc.property(position, (p) => void expect(positionOf(cursorOf(p))).toEqual(p)));
});

test("what is no cursor is refused", () => {
  for (const text of ["", "x", "v1.1.7", btoa("v2.1.7"), btoa("v1.1"), btoa("v1.-1.7"), "%%%"]) {
    expect(() => positionOf(text)).toThrow(/no cursor/);
  }
});

test("positions are ordered by epoch, then seq", () => {
  fc.assert(
    fc.property(position, position, (a, b) => {
      const [x, y] = [a.epoch * 1e13 + a.seq, b.epoch * 1e13 + b.seq];
      expect(isAfter(a, b)).toBe(x > y);
    }),
  );
});
