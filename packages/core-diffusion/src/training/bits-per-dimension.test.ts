import { gaussians } from "@prosopon/random";
import { expect, test } from "vitest";
import type { Denoiser } from "../sampling/denoiser.ts";
import { combine } from "../sampling/latents.ts";
import { linearSchedule } from "../schedule/linear-schedule.ts";
import { bitsPerDimension } from "./bits-per-dimension.ts";

const schedule = linearSchedule({ start: 1e-4 });
const spread = 0.5;
const data = Float64Array.from(gaussians(1, "data", 0, 1500), (v) => spread * v);
const noise = (time: number) => Float64Array.from(gaussians(2, "bits", time, data.length));
/** Exact for data N(0, s²); `flaw` 1 leaves it so. */
const gaussian =
  (flaw = 1): Denoiser<Float64Array> =>
  async (x, { alpha }) => {
    const denoised = combine([(flaw * Math.sqrt(alpha) * spread ** 2) / (alpha * spread ** 2 + 1 - alpha), x]);
    return { denoised, noise: denoised };
  };
/** −∫ p log₂ p of N(0, s²), for the numbers drawn. */
const entropy =
  data.reduce((sum, v) => sum + 0.5 * (v / spread) ** 2, 0) / data.length / Math.LN2 +
  0.5 * Math.log2(2 * Math.PI * spread ** 2);

test("the bound of the exact denoiser lies just above the entropy; a flawed one's lies higher", async () => {
  const { total, prior, steps, reconstruction } = await bitsPerDimension({
    schedule,
    data,
    denoise: gaussian(),
    noise,
  });
  expect(total).toBeCloseTo(prior + steps + reconstruction, 12);
  expect(prior).toBeLessThan(0.001);
  expect(total - entropy).toBeGreaterThan(0);
  expect(total - entropy).toBeLessThan(0.6);
  // What is left above the entropy is what whole steps cost, which is known for a Gaussian.
  const ratio = (t: number) => schedule[t]! / (1 - schedule[t]!);
  let known = 0;
  for (let t = 1; t < schedule.length; t++)
    known += (0.5 * (ratio(t - 1) - ratio(t)) * spread ** 2) / (1 + ratio(t) * spread ** 2) / Math.LN2;
  expect(Math.abs(steps / known - 1)).toBeLessThan(0.01);
  const flawed = await bitsPerDimension({ schedule, data, denoise: gaussian(0.7), noise });
  expect(flawed.total).toBeGreaterThan(total + 0.3);
});

test("bins: the density's bits less log₂ of their width; a stride estimates the same sum", async () => {
  const bin = 0.01;
  const fine = await bitsPerDimension({ schedule, data, denoise: gaussian(), noise, bin });
  const smooth = await bitsPerDimension({ schedule, data, denoise: gaussian(), noise });
  expect(fine.total).toBeCloseTo(smooth.total - Math.log2(bin), 1);
  const rough = await bitsPerDimension({ schedule, data, denoise: gaussian(), noise, stride: 7 });
  expect(Math.abs(rough.steps - smooth.steps)).toBeLessThan(0.05);
  await expect(bitsPerDimension({ schedule, data, denoise: gaussian(), noise, stride: 0 })).rejects.toThrow("stride");
});
