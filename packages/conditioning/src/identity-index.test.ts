import fc from "fast-check";
import { expect, test } from "vitest";
import { identityIndex } from "./identity-index.ts";

/** Every frame that can be drawn, by walking the unit interval densely. */
const drawable = (k: number, n: number, options = {}) =>
  [...new Set(Array.from({ length: 2000 }, (_, i) => identityIndex(k, n, i / 2000, options)))].toSorted(
    (a, b) => a - b,
  );

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

test("the reference's rule: up to 59 frames after the target, itself and all before", () => {
  expect(drawable(10, 300)).toEqual(range(0, 70));
  expect(drawable(280, 300)).toEqual(range(0, 300));
  expect(drawable(0, 5)).toEqual(range(0, 5));
  expect(drawable(2, 300, { beyond: 30 })).toEqual(range(0, 32));
});

test("it is uniform, with and without a gap", () => {
  const counts = (options: object) => {
    const found = new Map<number, number>();
    for (let i = 0; i < 5000; i++) {
      const index = identityIndex(20, 50, (i + 0.5) / 5000, options);
      found.set(index, (found.get(index) ?? 0) + 1);
    }
    return found;
  };
  expect(new Set(counts({}).values())).toEqual(new Set([100]));
  const gap = counts({ exclude: 12 });
  expect([...gap.keys()].toSorted((a, b) => a - b)).toEqual([...range(0, 8), ...range(33, 50)]);
  expect(new Set(gap.values())).toEqual(new Set([200]));
});

test("an excluded neighbourhood is never drawn while another frame is there", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.nat(),
      fc.nat(80),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (n, at, e, u) => {
        const k = at % n;
        const index = identityIndex(k, n, u, { exclude: e });
        expect(index).toBeGreaterThanOrEqual(0);
        expect(index).toBeLessThan(Math.min(n, k + 60));
        const others = range(0, Math.min(n, k + 60)).some((i) => Math.abs(i - k) > e);
        if (others) expect(Math.abs(index - k)).toBeGreaterThan(e);
      },
    ),
  );
  expect(identityIndex(1, 6, 0.5, { exclude: 20 })).toBe(5);
  expect(identityIndex(4, 6, 0.5, { exclude: 20 })).toBe(0);
  expect(identityIndex(0, 1, 0.5, { exclude: 20 })).toBe(0);
});

test("frames outside the clip are refused", () => {
  expect(() => identityIndex(5, 5, 0)).toThrow("frame 5 of 5");
  expect(() => identityIndex(0, 5, 1)).toThrow("by the number 1");
});
