import { describe, expect, test } from "vitest";
import { gaussians, uniforms } from "./noise.ts";

const COUNT = 400_000;

function moments(values: Float32Array): number[] {
  const power = (exponent: number) => values.reduce((sum, value) => sum + value ** exponent, 0) / values.length;
  return [power(1), power(2), power(3), power(4)];
}

/** The Kolmogorov-Smirnov statistic times the root of the count: above 1.95 for one fair sample in a thousand. */
function distance(values: Float32Array, cumulative: (value: number) => number): number {
  const sorted = Float32Array.from(values).sort();
  let worst = 0;
  sorted.forEach((value, index) => {
    const expected = cumulative(value);
    worst = Math.max(
      worst,
      Math.abs(expected - index / sorted.length),
      Math.abs(expected - (index + 1) / sorted.length),
    );
  });
  return worst * Math.sqrt(sorted.length);
}

function correlation(a: Float32Array, b: Float32Array): number {
  const count = Math.min(a.length, b.length);
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let index = 0; index < count; index += 1) {
    ab += a[index]! * b[index]!;
    aa += a[index]! ** 2;
    bb += b[index]! ** 2;
  }
  return (ab / Math.sqrt(aa * bb)) * Math.sqrt(count);
}

// Phi by composite Simpson integration of the density from 0: truth that shares nothing with the code under test.
const TABLE = (() => {
  const density = (x: number) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  const table = new Float64Array(8001);
  for (let cell = 0; cell < 8000; cell += 1) {
    const x = cell / 1000;
    table[cell + 1] = table[cell]! + (density(x) + 4 * density(x + 0.0005) + density(x + 0.001)) / 6000;
  }
  return table;
})();
const normalCumulative = (x: number): number => {
  const at = Math.min(Math.abs(x), 7.999) * 1000;
  const cell = Math.floor(at);
  const half = TABLE[cell]! + (at - cell) * (TABLE[cell + 1]! - TABLE[cell]!);
  return x < 0 ? 0.5 - half : 0.5 + half;
};

describe("gaussians", () => {
  const values = gaussians(1234, "test", 0, COUNT);

  test("have the moments 0, 1, 0, 3 within five standard errors", () => {
    const [m1, m2, m3, m4] = moments(values) as [number, number, number, number];
    const error = 5 / Math.sqrt(COUNT);
    expect(Math.abs(m1)).toBeLessThan(error);
    expect(Math.abs(m2 - 1)).toBeLessThan(error * Math.sqrt(2));
    expect(Math.abs(m3)).toBeLessThan(error * Math.sqrt(15));
    expect(Math.abs(m4 - 3)).toBeLessThan(error * Math.sqrt(96));
  });

  test("follow the normal distribution; a widened or shifted copy is told apart", () => {
    expect(distance(values, normalCumulative)).toBeLessThan(1.95);
    expect(
      distance(
        values.map((value) => value * 1.03),
        normalCumulative,
      ),
    ).toBeGreaterThan(1.95);
    expect(
      distance(
        values.map((value) => value + 0.01),
        normalCumulative,
      ),
    ).toBeGreaterThan(1.95);
  });

  test("neighbours, seeds, streams and steps do not correlate; a shared key does", () => {
    for (const other of [
      values.subarray(1),
      values.subarray(2),
      values.subarray(4),
      gaussians(1235, "test", 0, COUNT),
      gaussians(1234, "tesu", 0, COUNT),
      gaussians(1234, 0, 0, COUNT),
      gaussians(1234, "0", 0, COUNT),
      gaussians(1234, "test", 1, COUNT),
    ]) {
      expect(Math.abs(correlation(values, other))).toBeLessThan(4);
    }
    expect(correlation(values, gaussians(1234n, "test", 0, COUNT))).toBeGreaterThan(600);
  });

  test("a shorter list is the beginning of a longer one", () => {
    for (const length of [0, 1, 2, 3, 4, 5, 1001]) {
      expect(gaussians(1234, "test", 0, length)).toEqual(values.slice(0, length));
    }
  });

  // Recorded once so that a change of the bits, which would change every picture of a seed, cannot pass unseen.
  test("keep their bits", () => {
    expect(Array.from(new Uint32Array(gaussians(42, "noise", 7, 4).buffer))).toMatchInlineSnapshot(`
      [
        1066313236,
        3215066831,
        3208357040,
        1060559631,
      ]
    `);
    expect(fingerprint(gaussians(42, "noise", 7, 100_000))).toMatchInlineSnapshot(`1060259899`);
  });
});

function fingerprint(values: Float32Array): number {
  return new Uint32Array(values.buffer).reduce((hash, word) => Math.imul(hash ^ word, 16_777_619) >>> 0, 2_166_136_261);
}

describe("uniforms", () => {
  const values = uniforms(1234, "test", 0, COUNT);

  test("fill [0, 1) evenly; a power of them does not", () => {
    expect(Math.min(...values.subarray(0, 50_000))).toBeGreaterThanOrEqual(0);
    expect(values.every((value) => value < 1)).toBe(true);
    expect(distance(values, (value) => value)).toBeLessThan(1.95);
    expect(
      distance(
        values.map((value) => value ** 1.03),
        (value) => value,
      ),
    ).toBeGreaterThan(1.95);
  });

  test("share no words with the gaussians of the same key", () => {
    const centred = values.map((value) => value - 0.5);
    expect(Math.abs(correlation(centred, gaussians(1234, "test", 0, COUNT)))).toBeLessThan(4);
  });
});

test("refuses lengths that are not lengths", () => {
  for (const length of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => gaussians(1, "a", 0, length)).toThrow(/Length .* is not a whole number/);
    expect(() => uniforms(1, "a", 0, length)).toThrow(/Length .* is not a whole number/);
  }
});
