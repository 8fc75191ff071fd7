import { expect, test } from "vitest";
import { guideOutput, guides } from "./guidance.ts";

test("eq. 3.70: γ = 0 is unconditional, 1 conditional, 3 beyond", () => {
  const both = Float64Array.of(1, 2, 11, 22);
  expect([...guideOutput(both, 0)]).toEqual([1, 2]);
  expect([...guideOutput(both, 1)]).toEqual([11, 22]);
  expect([...guideOutput(both, 3)]).toEqual([31, 62]);
});

test("the reference has no guidance at or below 1, the equation has", () => {
  expect([0, 0.5, 1, 3].map((g) => guides(g, "reference"))).toEqual([false, false, false, true]);
  expect([0, 0.5, 1, 3].map((g) => guides(g))).toEqual([true, true, false, true]);
});
