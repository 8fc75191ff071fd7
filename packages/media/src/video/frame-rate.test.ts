import { expect, test } from "vitest";
import { frameRate, frameTime, parseFrameRate } from "./frame-rate.ts";

test("rates are fractions in lowest terms", () => {
  expect(frameRate(50, 2)).toEqual({ numerator: 25, denominator: 1 });
  for (const [text, numerator, denominator] of [
    ["25", 25, 1],
    [" 30000/1001", 30_000, 1001],
    ["29.97", 30_000, 1001],
    ["12.5", 25, 2],
  ] as const) {
    expect(parseFrameRate(text)).toEqual({ numerator, denominator });
  }
  expect(frameTime(frameRate(30_000, 1001), 30_000)).toBe(1001);
});

test("refuses what is no rate", () => {
  for (const text of ["", "fast", "-25", "25/0", "0", "1e3", "1000", "1/2"]) {
    expect(() => parseFrameRate(text)).toThrow(expect.objectContaining({ code: "bad-input" }));
  }
  expect(() => frameRate(Number.NaN)).toThrow(/rate of NaN/);
});
