import fc from "fast-check";
import { expect, test } from "vitest";
import { denoiser, type Parameterisation } from "./denoiser.ts";
import { diffuse } from "./latents.ts";

const value = fc.double({ min: -3, max: 3, noNaN: true });

test("the three parameterisations of one truth are read alike", async () => {
  await fc.assert(
    fc.asyncProperty(value, value, fc.double({ min: 0.01, max: 0.99, noNaN: true }), async (x0, e, alpha) => {
      const noisy = diffuse(Float64Array.of(x0), Float64Array.of(e), alpha);
      const outputs: Record<Parameterisation, number> = {
        epsilon: e,
        x0,
        v: Math.sqrt(alpha) * e - Math.sqrt(1 - alpha) * x0,
      };
      for (const [kind, output] of Object.entries(outputs)) {
        const denoise = denoiser(() => Float64Array.of(output), kind as Parameterisation);
        const { denoised, noise } = await denoise(noisy, { time: 0, alpha });
        expect(denoised[0]!).toBeCloseTo(x0, 9);
        expect(noise[0]!).toBeCloseTo(e, 9);
      }
    }),
  );
});

test("at the ends of the schedule what is known stays finite", async () => {
  const x = Float64Array.of(2);
  const v = await denoiser(() => Float64Array.of(-0.5), "v")(x, { time: 0, alpha: 0 });
  expect([v.denoised[0], v.noise[0]]).toEqual([0.5, 2]);
  const clean = await denoiser(() => x, "x0")(x, { time: 0, alpha: 1 });
  expect([clean.denoised[0], clean.noise[0]]).toEqual([2, 0]);
});
