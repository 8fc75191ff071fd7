import { gaussians } from "@prosopon/random";
import { expect, test } from "vitest";
import { kMeans } from "./k-means.ts";

const centres = [
  [-5, 0],
  [5, 0],
  [0, 8],
];

/** 300 points around three centres. */
const rows = gaussians(3, "points", 0, 600).map((v, i) => 0.3 * v + centres[Math.floor(i / 2) % 3]![i % 2]!);

test("finds the centres of clusters", () => {
  const means = kMeans({ rows, size: 2, count: 3, seed: 1, rounds: 12 });
  const found = [0, 1, 2].map((k) => [...means.subarray(2 * k, 2 * k + 2)]);
  for (const [x, y] of centres)
    expect(Math.min(...found.map(([a, b]) => Math.hypot(a! - x!, b! - y!)))).toBeLessThan(0.15);
});

test("more rounds never make the distances larger", () => {
  const distance = (means: Float32Array) => {
    let sum = 0;
    for (let p = 0; p < 300; p++)
      sum += Math.min(
        ...Array.from(
          { length: 8 },
          (_, k) => (rows[2 * p]! - means[2 * k]!) ** 2 + (rows[2 * p + 1]! - means[2 * k + 1]!) ** 2,
        ),
      );
    return sum;
  };
  const [none, one, five] = [0, 1, 5].map((rounds) => distance(kMeans({ rows, size: 2, count: 8, seed: 2, rounds })));
  expect(one!).toBeLessThan(none!);
  expect(five!).toBeLessThanOrEqual(one!);
});
