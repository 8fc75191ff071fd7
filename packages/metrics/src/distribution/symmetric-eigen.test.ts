import { gaussians } from "@prosopon/random";
import { expect, test } from "vitest";
import { plainProduct } from "./matrix-product.ts";
import { matrixSquareRoot } from "./matrix-square-root.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

/** X Xᵀ of normal numbers [n, rank]. */
function scatter(n: number, rank: number): Float64Array {
  const x = Float64Array.from(gaussians(3, `scatter ${n} ${rank}`, 0, n * rank));
  return plainProduct(x, x, { m: n, n, k: rank });
}

// The last takes more reflections than one panel.
test.each([1, 2, 3, 7, 40, 150])("n = %i: values and vectors belong to the matrix", async (n) => {
  const a = Float64Array.from(gaussians(4, "a", 0, n * n));
  const symmetric = a.map((_, i) => a[i]! + a[(i % n) * n + Math.floor(i / n)]!);
  const { values, vectors } = await symmetricEigen(symmetric, n);
  expect([...values]).toEqual([...values].toSorted((p, q) => p - q));
  for (let i = 0; i < n; i++) {
    const v = vectors.subarray(i * n, (i + 1) * n);
    for (let r = 0; r < n; r++) {
      const image = v.reduce((sum, x, c) => sum + x * symmetric[r * n + c]!, 0);
      expect(image).toBeCloseTo(values[i]! * v[r]!, 10);
    }
    for (let j = 0; j <= i; j++) {
      const dot = v.reduce((sum, x, c) => sum + x * vectors[j * n + c]!, 0);
      expect(dot).toBeCloseTo(i === j ? 1 : 0, 12);
    }
  }
  expect([...(await symmetricEigen(symmetric, n, { vectors: false })).values]).toEqual(
    [...values].map((value) => expect.closeTo(value, 10)),
  );
});

test("zeros, diagonals and repeated values", async () => {
  expect([...(await symmetricEigen(new Float64Array(9), 3)).values]).toEqual([0, 0, 0]);
  const diagonal = Float64Array.from([5, 0, 0, 0, 2, 0, 0, 0, 2]);
  expect([...(await symmetricEigen(diagonal, 3)).values]).toEqual([2, 2, 5]);
  await expect(symmetricEigen(Float64Array.of(1, Number.NaN, 0, 1), 2)).rejects.toThrow(/finite 2 x 2/);
  await expect(symmetricEigen(new Float64Array(5), 2)).rejects.toThrow(/5 numbers/);
});

test("values far apart converge, whether the largest come first or last", async () => {
  const n = 250;
  const flat = scatter(n, n);
  const falling = flat.map((v, i) => v * 0.93 ** (Math.floor(i / n) + (i % n)));
  const [down, up] = [await symmetricEigen(falling, n), await symmetricEigen(falling.toReversed(), n)];
  const largest = up.values.at(-1)!;
  expect(up.values.every((value, i) => Math.abs(value - down.values[i]!) < 1e-13 * largest)).toBe(true);
});

test("the square root, squared, is the matrix, also of a singular one", async () => {
  for (const rank of [30, 12]) {
    const matrix = scatter(30, rank);
    const { root, residual } = await matrixSquareRoot(matrix, 30);
    expect(residual).toBeLessThan(1e-12);
    expect((await symmetricEigen(root, 30)).values[0]).toBeGreaterThan(-1e-6);
  }
  const negative = scatter(4, 4).map((v, i) => (i % 5 === 0 ? v - 50 : v));
  await expect(matrixSquareRoot(negative, 4)).rejects.toThrow(/cannot have the eigenvalue/);
  await expect(matrixSquareRoot(Float64Array.of(1, 2, 3, 4), 2)).rejects.toThrow(/not symmetric/);
});
