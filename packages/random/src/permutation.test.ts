import fc from "fast-check";
import { expect, test } from "vitest";
import { permutation } from "./permutation.ts";

test("holds every number once, the same for the same key", () => {
  fc.assert(
    fc.property(fc.integer(), fc.string(), fc.nat(500), fc.nat(), (seed, stream, n, step) => {
      const order = permutation(seed, stream, n, step);
      expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, index) => index));
      expect(permutation(seed, stream, n, step)).toEqual(order);
    }),
  );
});

test("every order of four is equally likely over steps", () => {
  const counts = new Map<string, number>();
  for (let step = 0; step < 12_000; step += 1) {
    const name = permutation(3, "epoch", 4, step).join("");
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  expect(counts.size).toBe(24);
  // 23 degrees of freedom: above 49.7 once in a thousand.
  expect([...counts.values()].reduce((sum, count) => sum + (count - 500) ** 2 / 500, 0)).toBeLessThan(49.7);
});

test("refuses a length that is none", () => {
  expect(() => permutation(1, "a", -1)).toThrow(/-1 is not a whole number/);
  expect(() => permutation(1, "a", 2.5)).toThrow(/2.5 is not a whole number/);
});
