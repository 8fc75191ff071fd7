import { gaussians } from "@prosopon/random";
import { expect, test } from "vitest";
import { type Features, features } from "./features.ts";
import { kernelDistance, squaredDiscrepancy } from "./kernel-distance.ts";

const set = (count: number, size: number, name: string, shift = 0): Features => ({
  count,
  size,
  data: Float32Array.from(gaussians(6, name, 0, count * size), (v) => v + shift),
});

test("the estimate, written out", async () => {
  const [x, y] = [set(5, 3, "x"), set(7, 3, "y", 0.5)];
  const k = (p: Features, i: number, q: Features, j: number) => {
    let dot = 0;
    for (let t = 0; t < 3; t++) dot += p.data[i * 3 + t]! * q.data[j * 3 + t]!;
    return (dot / 3 + 1) ** 3;
  };
  const mean = (p: Features, q: Features) => {
    const values: number[] = [];
    for (let i = 0; i < p.count; i++)
      for (let j = 0; j < q.count; j++) if (p !== q || i !== j) values.push(k(p, i, q, j));
    return values.reduce((a, b) => a + b) / values.length;
  };
  expect(await squaredDiscrepancy(x, y)).toBeCloseTo(mean(x, x) + mean(y, y) - 2 * mean(x, y), 11);
  // One subset that is the whole set.
  const { mean: one, standardDeviation } = await kernelDistance(x, y, {
    subsets: 1,
    subsetSize: 5,
    pick: (_, size) => Uint32Array.from({ length: size }, (_, i) => i),
  });
  expect(one).toBeCloseTo(
    await squaredDiscrepancy(x, features(Array.from({ length: 5 }, (_, i) => y.data.subarray(i * 3, i * 3 + 3)))),
    12,
  );
  expect(standardDeviation).toBe(0);
});

test("sets of one law are near 0, of others far; subsets are drawn anew and named by the seed", async () => {
  const [a, b, c] = [set(300, 4, "a"), set(300, 4, "b"), set(300, 4, "c", 1)];
  const options = { subsets: 20, subsetSize: 100 };
  const same = await kernelDistance(a, b, options);
  const other = await kernelDistance(a, c, options);
  expect(Math.abs(same.mean)).toBeLessThan(0.3);
  expect(other.mean).toBeGreaterThan(1);
  expect(same.standardDeviation).toBeGreaterThan(0);
  expect(await kernelDistance(a, b, options)).toEqual(same);
  expect((await kernelDistance(a, b, { ...options, seed: 3 })).mean).not.toBe(same.mean);
});

test("refused: too few rows, NaN, other features", async () => {
  const a = set(10, 2, "a");
  await expect(kernelDistance(a, a)).rejects.toThrow(/subsets of 1000 rows cannot be drawn from sets of 10/);
  await expect(squaredDiscrepancy(set(1, 2, "a"), a)).rejects.toThrow(/two rows/);
  await expect(squaredDiscrepancy(set(4, 3, "a"), a)).rejects.toThrow(/3 and of 2/);
  const broken = { ...a, data: a.data.map((v, i) => (i === 5 ? Number.NaN : v)) };
  await expect(squaredDiscrepancy(broken, a)).rejects.toThrow(/image 2 is NaN/);
  await expect(squaredDiscrepancy(a, a, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
});
