import { expect, test } from "vitest";
import { attentionMaps } from "./attention-maps.ts";

test("eyes, brows and mouth count more than the rest", () => {
  // All points at one place but the mouth.
  const points = Array.from({ length: 68 }, (_, i) => (i >= 48 ? [0.5, 0.8] : [0.3, 0.3])).flat();
  const map = attentionMaps([points], 64);
  const at = (x: number, y: number) => map[Math.floor(y * 64) * 64 + Math.floor(x * 64)]!;
  expect(at(0.5, 0.8)).toBeGreaterThan(at(0.9, 0.1));
  expect(at(0.3, 0.3)).toBe(at(0.5, 0.8));
  expect(at(0.3, 0.8)).toBe(at(0.9, 0.1));
});

test("landmarks outside the picture do not leave it", () => {
  const points = Array.from({ length: 136 }, (_, i) => (i % 2 ? 1.4 : -0.4));
  expect(attentionMaps([points], 32)).toHaveLength(32 * 32);
});
