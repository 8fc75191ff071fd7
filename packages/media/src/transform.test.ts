import fc from "fast-check";
import { expect, test } from "vitest";
import { applyTransform, invertTransform } from "./transform.ts";

test("the inverse undoes the map", () => {
  const entry = fc.double({ min: -50, max: 50, noNaN: true });
  fc.assert(
    fc.property(entry, entry, entry, entry, entry, entry, entry, entry, (a, b, c, d, e, f, x, y) => {
      fc.pre(Math.abs(a * e - b * d) > 0.01);
      const transform = { a, b, c, d, e, f };
      const [u, v] = applyTransform(invertTransform(transform), applyTransform(transform, [x, y]));
      expect(Math.abs(u - x)).toBeLessThan(1e-6);
      expect(Math.abs(v - y)).toBeLessThan(1e-6);
    }),
  );
});

test("refuses a map onto a line", () => {
  expect(() => invertTransform({ a: 1, b: 2, c: 0, d: 2, e: 4, f: 0 })).toThrow(/no inverse/);
});
