import { expect, test } from "vitest";
import { correlation, lagOf } from "./correlation.ts";

const wave = Array.from({ length: 60 }, (_, i) => Math.sin(i / 3) + 0.5 * Math.sin(i / 1.7 + 1));

test("a curve agrees with itself however it is scaled, and disagrees upside down", () => {
  expect(
    correlation(
      wave,
      wave.map((v) => 3 * v + 2),
    ),
  ).toBeCloseTo(1, 10);
  expect(
    correlation(
      wave,
      wave.map((v) => -v),
    ),
  ).toBeCloseTo(-1, 10);
  expect(
    correlation(
      wave,
      wave.map(() => 1),
    ),
  ).toBeNaN();
});

test.each([-4, -1, 0, 1, 3])("a delay of %d places is found", (delay) => {
  const late = wave.map((_, i) => wave[Math.min(Math.max(i - delay, 0), wave.length - 1)]!);
  expect(lagOf(wave, late, 5)).toBe(delay);
});
