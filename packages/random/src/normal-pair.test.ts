import fc from "fast-check";
import { expect, test } from "vitest";
import { normalPair } from "./normal-pair.ts";

test("is the Box-Muller transform, to within 1e-14 of the platform's own log and cosine", () => {
  const out = new Float64Array(2);
  const word = fc.oneof(
    fc.integer({ min: 0, max: 0xffffffff }),
    fc.constantFrom(0, 1, 0x3fffffff, 0x40000000, 0x7fffffff, 0x80000000, 0xc0000000, 0xfffffffe, 0xffffffff),
  );
  fc.assert(
    fc.property(word, word, (a, b) => {
      normalPair(a, b, out);
      const radius = Math.sqrt(-2 * Math.log((2 * a + 1) / 2 ** 33));
      const angle = (((b & 0x3fffffff) + 0.5) / 2 ** 30 - 0.5 + (b >>> 30)) * (Math.PI / 2);
      // Near u = 1 the radius is the root of a tiny number; the error of ln u there is that of 33 ln 2, about 1e-15.
      const tolerance = 1e-14 * (1 + radius) + 2e-15 / radius;
      return (
        Math.abs(out[0]! - radius * Math.cos(angle)) < tolerance &&
        Math.abs(out[1]! - radius * Math.sin(angle)) < tolerance
      );
    }),
    { numRuns: 20_000 },
  );
});

test("stays finite and within its stated range at the ends", () => {
  const out = new Float64Array(2);
  normalPair(0, 0x20000000, out);
  expect(out[0]).toBeGreaterThan(6.76);
  expect(out[0]).toBeLessThan(6.77);
  normalPair(0xffffffff, 0, out);
  expect(Math.hypot(out[0]!, out[1]!)).toBeLessThan(2e-5);
  expect(Number.isNaN(out[0]!) || Number.isNaN(out[1]!)).toBe(false);
});
