import { expect, test } from "vitest";
import { emaRate } from "./ema.ts";
import { constantRate, cosineDecay, startingAt, warmUp } from "./schedules.ts";

test("warm-up grows linearly into the schedule", () => {
  const schedule = warmUp(4, constantRate(2));
  expect([0, 1, 2, 3, 4, 100].map(schedule)).toEqual([0.5, 1, 1.5, 2, 2, 2]);
});

test("cosine decay goes from one end to the other and stays", () => {
  const schedule = cosineDecay({ from: 3, to: 1, steps: 10 });
  expect(schedule(0)).toBe(3);
  expect(schedule(5)).toBeCloseTo(2, 12);
  expect(schedule(10)).toBe(1);
  expect(schedule(11)).toBe(1);
});

test("a late loss starts at its step", () => {
  expect([0, 9, 10, 11].map(startingAt(10, 0.8))).toEqual([0, 0, 0.8, 0.8]);
});

test("the average warms up: (1 + n)/(10 + n) until the decay", () => {
  expect(emaRate(1)).toBeCloseTo(1 - 2 / 11, 12);
  expect(emaRate(100)).toBeCloseTo(1 - 101 / 110, 12);
  // (1 + n)/(10 + n) = 0.9999 at n = 89,990.
  expect(emaRate(89_000)).toBeGreaterThan(1e-4);
  expect(emaRate(90_000)).toBeCloseTo(1e-4, 12);
  expect(emaRate(1e9, 0.5)).toBe(0.5);
});
