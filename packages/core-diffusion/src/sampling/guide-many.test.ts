import { expect, test } from "vitest";
import { classifierGuided } from "./classifier-guidance.ts";
import type { Denoiser } from "./denoiser.ts";
import { guideMany, rescaleGuidance } from "./guide-many.ts";

test("several conditions: one of weight γ is plain guidance, weights add their pulls", () => {
  const [u, a, b] = [Float64Array.of(1, 2), Float64Array.of(3, 0), Float64Array.of(0, 5)];
  expect([...guideMany(u, [[3, a]])]).toEqual([7, -4]);
  expect([
    ...guideMany(u, [
      [1, a],
      [2, b],
    ]),
  ]).toEqual([1 + 2 - 2, 2 - 2 + 6]);
  expect([...guideMany(u, [])]).toEqual([1, 2]);
});

test("rescaled guidance has the conditional spread at φ = 1, and is left alone at 0, sample by sample", () => {
  const guided = Float64Array.of(0, 10, 5, -5, 2, 4, 2, 4);
  const conditional = Float64Array.of(1, 2, 3, 4, 0, 1, 0, 1);
  const spread = (x: Float64Array) => {
    const mean = x.reduce((p, c) => p + c) / x.length;
    return Math.sqrt(x.reduce((p, c) => p + (c - mean) ** 2, 0) / x.length);
  };
  const full = rescaleGuidance(guided, conditional, 1, 2);
  for (const from of [0, 4])
    expect(spread(full.slice(from, from + 4))).toBeCloseTo(spread(conditional.slice(from, from + 4)), 12);
  expect([...rescaleGuidance(guided, conditional, 0, 2)]).toEqual([...guided]);
  expect(() => rescaleGuidance(guided, conditional, 1, 3)).toThrow("not 3 samples");
});

test("classifier guidance on a Gaussian is exactly the posterior (eq. 3.68)", async () => {
  // x₀ ~ N(0, 1), y = x₀ + N(0, v): then p(x₀ | y) is known, and so is ∇ log p(y | x_t) of the noised latent.
  const [v, y] = [0.5, 1.2];
  const prior: Denoiser<Float64Array> = async (x, { alpha }) => ({
    denoised: x.map((n) => Math.sqrt(alpha) * n),
    noise: x.map((n) => Math.sqrt(1 - alpha) * n),
  });
  for (const alpha of [0.9, 0.4, 0.05]) {
    const spread = 1 - alpha + v;
    const guided = classifierGuided(
      prior,
      async (x) => x.map((n) => (Math.sqrt(alpha) * (y - Math.sqrt(alpha) * n)) / spread),
      1,
    );
    const x = Float64Array.of(0.7, -1);
    const { denoised, noise } = await guided(x, { time: 0, alpha });
    x.forEach((n, i) => {
      // Two measurements of x₀ with prior precision 1: y with 1/v, x_t with ᾱ/(1−ᾱ).
      const expected = (y / v + (Math.sqrt(alpha) * n) / (1 - alpha)) / (1 + 1 / v + alpha / (1 - alpha));
      expect(denoised[i]!).toBeCloseTo(expected, 12);
      expect(Math.sqrt(alpha) * denoised[i]! + Math.sqrt(1 - alpha) * noise[i]!).toBeCloseTo(n, 12);
    });
  }
  const x = Float64Array.of(1);
  const off = await classifierGuided(prior, async () => Float64Array.of(9), 0)(x, { time: 0, alpha: 0.5 });
  expect(off).toEqual(await prior(x, { time: 0, alpha: 0.5 }));
});
