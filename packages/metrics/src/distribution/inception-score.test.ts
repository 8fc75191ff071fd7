import { describe, expect, test } from "vitest";
import { metricConformance } from "../testing.ts";
import { inceptionScore } from "./inception-score.ts";

const judged = (rows: readonly (readonly number[])[], splits = 1) => {
  const judgement = inceptionScore({ splits }).start();
  for (const row of rows) judgement.add(row);
  return judgement.result();
};

describe.each(
  metricConformance({
    metric: inceptionScore({ splits: 1 }),
    samples: [
      [1, 2, 3],
      [3, 0, 0],
    ],
    bad: [1, Number.POSITIVE_INFINITY, 0],
  }),
)("as every metric", ({ name, check }) => {
  // More of the same samples keeps this score: only its count changes.
  test(name, check);
});

test("1 when all images look alike, the number of classes when each shows another for sure", () => {
  expect(
    judged([
      [1, 2, 3],
      [1, 2, 3],
    ]).mean,
  ).toBeCloseTo(1, 12);
  const sure = Array.from({ length: 5 }, (_, i) => Array.from({ length: 5 }, (_, j) => (i === j ? 60 : 0)));
  expect(judged(sure).mean).toBeCloseTo(5, 9);
});

test("two sure and one unsure of two classes: by hand", () => {
  const rows = [
    [100, 0],
    [0, 100],
    [0, 0],
  ];
  const marginal = 0.5;
  const divergence = (2 * Math.log(1 / marginal) + 0) / 3;
  expect(judged(rows).mean).toBeCloseTo(Math.exp(divergence), 9);
  expect(
    judged(
      Array.from({ length: 40 }, () => [0, 1]),
      4,
    ),
  ).toMatchObject({ count: 40, splits: 4, standardDeviation: 0 });
  expect(() => judged(rows, 10)).toThrow(/3 images do not fill 10 parts/);
});
