import { expect, test } from "vitest";
import { memoryGrowth } from "../../tools/reliability/memory-growth.mjs";

const mega = 2 ** 20;
/** A process of 200 MB that fills its caches and trembles. */
const flat = Array.from({ length: 100 }, (_, i) => (200 + 50 * (1 - Math.exp(-i / 5)) + 5 * Math.sin(i * i)) * mega);

test("a flat process does not grow; one that leaks does", () => {
  expect(Math.abs(memoryGrowth(flat))).toBeLessThan(8 * mega);
  expect(memoryGrowth(flat.map((bytes, i) => bytes + i * mega))).toBeGreaterThan(50 * mega);
  expect(() => memoryGrowth([1, 2, 3])).toThrow("3 samples");
});
