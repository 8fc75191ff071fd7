import { gaussians } from "@prosopon/random";
import { expect, test } from "vitest";
import { plainProduct } from "./matrix-product.ts";
import { subtractProduct } from "./subtract-product.ts";

test("the lower triangle of the first rows, in more than one square; the other rows stay", async () => {
  const [n, length] = [600, 590];
  const column = (name: string) => Float64Array.from(gaussians(3, name, 0, n));
  const [v, p] = [column("v"), column("p")];
  const before = Float64Array.from(gaussians(3, "a", 0, n * n));
  const a = before.slice();
  await subtractProduct(a, n, { left: [v, p], right: [p, v], length, product: plainProduct });
  let worst = 0;
  for (let i = 0; i < length; i++)
    for (let j = 0; j <= i; j++) {
      const expected = before[i * n + j]! - v[i]! * p[j]! - p[i]! * v[j]!;
      worst = Math.max(worst, Math.abs(a[i * n + j]! - expected));
    }
  expect(worst).toBeLessThan(1e-12);
  expect(a.subarray(length * n)).toEqual(before.subarray(length * n));
});
