import { expect, test } from "vitest";
import { cosine } from "./cosine.ts";
import { identityCosine } from "./identity-cosine.ts";

test("the angle only, not the length", () => {
  expect(cosine([1, 0], [5, 0])).toBe(1);
  expect(cosine([1, 0], [0, 2])).toBe(0);
  expect(cosine([1, 2], [-2, -4])).toBeCloseTo(-1, 12);
  expect(cosine(Float32Array.of(1, 0), [1, 1])).toBeCloseTo(Math.SQRT1_2, 12);
});

test.each([
  [[1, 2], [1]],
  [
    [0, 0],
    [1, 0],
  ],
  [
    [Number.NaN, 0],
    [1, 0],
  ],
  [[], []],
])("refuses %j and %j", (a, b) => {
  expect(() => cosine(a, b)).toThrow(expect.objectContaining({ code: "bad-input" }));
});

test("identity cosine is the mean over pairs", () => {
  const judgement = identityCosine().start();
  judgement.add({ source: [1, 0], edit: [1, 0] });
  judgement.add({ source: [1, 0], edit: [0, 1] });
  expect(judgement.result()).toMatchObject({ count: 2, mean: 0.5, minimum: 0, maximum: 1, standardDeviation: 0.5 });
});
