import { gaussians } from "@prosopon/random";
import { describe, expect, test } from "vitest";
import { metricConformance } from "../testing.ts";
import { type FeatureStatistics, featureStatistics } from "./feature-statistics.ts";
import { features } from "./features.ts";
import { frechetDistance } from "./frechet-distance.ts";
import { decodeStatistics, encodeStatistics } from "./reference-statistics.ts";
import { setStatistics } from "./set-statistics.ts";

const known = (mean: readonly number[], covariance: readonly number[], count = 1000): FeatureStatistics => ({
  count,
  size: mean.length,
  mean: Float64Array.from(mean),
  covariance: Float64Array.from(covariance),
  protocol: "a test",
});

const rows = (count: number, size: number, name: string) =>
  Array.from({ length: count }, (_, i) => Array.from(gaussians(5, name, i, size), (v, k) => v * (k + 1) + k));

function statistics(given: readonly (readonly number[])[]): FeatureStatistics {
  const judgement = featureStatistics({ protocol: "a test" }).start();
  for (const row of given) judgement.add(row);
  return judgement.result();
}

describe.each(
  metricConformance({
    metric: featureStatistics({ protocol: "a test" }),
    samples: [
      [1, 2],
      [3, 5],
      [2, 2],
    ],
    bad: [1, Number.NaN],
  }),
)("statistics, as every metric", ({ name, check }) => {
  test(name, check);
});

test("of two Gaussians: the closed form", async () => {
  // Covariances that commute: the sum of (sqrt a - sqrt b)².
  const [a, b] = [known([1, 2], [4, 0, 0, 9]), known([2, 0], [1, 0, 0, 16])];
  expect(await frechetDistance(a, b)).toMatchObject({
    distance: expect.closeTo(1 + 4 + 1 + 1, 12),
    meanTerm: 5,
    covarianceTerm: expect.closeTo(2, 12),
    warnings: [],
  });
  // Two that do not: tr (AB)^½ of 2 x 2 is sqrt(tr AB + 2 sqrt(det AB)).
  const [c, d] = [known([0, 0], [2, 1, 1, 3]), known([0, 0], [5, -2, -2, 1])];
  const trace = 2 * 5 + 1 * -2 + 1 * -2 + 3 * 1;
  const expected = 2 + 3 + 5 + 1 - 2 * Math.sqrt(trace + 2 * Math.sqrt(5 * 1));
  expect((await frechetDistance(c, d)).distance).toBeCloseTo(expected, 12);
  expect((await frechetDistance(d, c)).distance).toBeCloseTo(expected, 12);
});

test.each([
  ["of full rank", 400, (k) => 1 + k],
  ["of rank 99", 100, (k) => 1 + k],
  // Eigenvalues from 1 to 1e-10 or so, of which the smallest hardly count.
  ["that fall steeply", 151, (k) => 0.93 ** k],
] as [
  string,
  number,
  (k: number) => number,
][])("150 dimensions, covariances %s: the closed form", async (_, count, scale) => {
  const rows = Array.from({ length: count }, (_, i) =>
    Array.from(gaussians(4, "many", i, 150), (v, k) => v * scale(k)),
  );
  const one = statistics(rows);
  // N(0, A) and N(0, 4 A): tr (A + 4 A - 2 (4 A²)^½) = tr A.
  const [a, b] = [1, 4].map((c) => ({
    ...one,
    mean: new Float64Array(150),
    covariance: one.covariance.map((v) => c * v),
  }));
  const trace = Array.from({ length: 150 }, (_, i) => one.covariance[151 * i]!).reduce((sum, v) => sum + v, 0);
  expect((await frechetDistance(a!, b!)).distance / trace).toBeCloseTo(1, 10);
});

test("with itself 0, also where the covariance is singular; too few samples are said", async () => {
  const few = statistics(rows(6, 20, "few"));
  const { distance, warnings } = await frechetDistance(few, few);
  expect(Math.abs(distance)).toBeLessThan(1e-6 * 20 ** 2);
  expect(warnings[0]).toMatch(/6 samples do not fill 20 dimensions/);
  // No variance at all: the distance of the means is left.
  const point = (x: number) => known([x, 0], [0, 0, 0, 0]);
  expect((await frechetDistance(point(0), point(3))).distance).toBe(9);
});

test("streamed, all at once and written to a file: the same statistics as two passes give", async () => {
  const given = rows(700, 9, "many");
  const streamed = statistics(given);
  const whole = await setStatistics(features(given), { protocol: "a test" });
  const column = (k: number) => given.map((row) => row[k]!);
  const mean = (list: readonly number[]) => list.reduce((sum, v) => sum + v, 0) / list.length;
  for (let i = 0; i < 9; i++)
    for (let j = 0; j < 9; j++) {
      const [mi, mj] = [mean(column(i)), mean(column(j))];
      const expected = given.reduce((sum, row) => sum + (row[i]! - mi) * (row[j]! - mj), 0) / 699;
      for (const one of [streamed, whole]) {
        expect(one.covariance[i * 9 + j]).toBeCloseTo(expected, 9);
        expect(one.mean[i]).toBeCloseTo(mi, 10);
      }
    }
  expect(decodeStatistics(encodeStatistics(streamed))).toEqual(streamed);
  expect(() => decodeStatistics(encodeStatistics(streamed).slice(0, 50))).toThrow();
});

test("more dimensions than are computed at once, and rows of float32: the same covariance", async () => {
  const rows = Array.from({ length: 7 }, (_, i) => Array.from(gaussians(3, "wide", i, 1100)));
  const [one, other] = [statistics(rows), await setStatistics(features(rows), { protocol: "a test" })];
  const worst = one.covariance.reduce((most, v, i) => Math.max(most, Math.abs(v - other.covariance[i]!)), 0);
  expect(worst).toBeLessThan(1e-12);
  const single = { ...features(rows), data: Float32Array.from(rows.flat()) };
  const third = await setStatistics(single, { protocol: "a test" });
  expect(Math.abs(third.covariance[1099]! - one.covariance[1099]!)).toBeLessThan(1e-6);
});

test("a large common offset cancels nothing", () => {
  const given = rows(600, 4, "offset");
  const plain = statistics(given);
  const moved = statistics(given.map((row) => row.map((v) => v + 1e7)));
  moved.covariance.forEach((v, i) => void expect(v).toBeCloseTo(plain.covariance[i]!, 5));
});

test("different features, damaged statistics, bad rows", async () => {
  const a = known([0, 0], [1, 0, 0, 1]);
  await expect(frechetDistance(a, { ...a, protocol: "other" })).rejects.toMatchObject({ code: "bad-input" });
  expect((await frechetDistance(a, { ...a, protocol: "other" }, { sameProtocol: false })).distance).toBeCloseTo(0, 12);
  await expect(frechetDistance(a, known([0], [1]))).rejects.toThrow(/different features/);
  await expect(frechetDistance(known([0, 0], [-1, 0, 0, 1]), a)).rejects.toThrow(/variance -1/);
  await expect(frechetDistance(a, known([0, 0], [1, 2, 2, 1]))).rejects.toThrow(/eigenvalue/);
  expect(() => statistics([[1, 2]])).toThrow(/1 features are too few/);
  expect(() => statistics([[1, 2], [1]])).toThrow(/1 numbers do not go with/);
  expect(() => features([])).toThrow(/no set of features/);
});
