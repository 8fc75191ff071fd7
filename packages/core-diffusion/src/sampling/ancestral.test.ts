import { expect, test } from "vitest";
import { linearSchedule } from "../schedule/linear-schedule.ts";
import { ancestral, ancestralStep } from "./ancestral.ts";
import type { Denoiser } from "./denoiser.ts";
import { combine } from "./latents.ts";
import { lastOf } from "./sampler.ts";

test("a single point as data: ancestral sampling ends on it", async () => {
  const schedule = linearSchedule({ times: 50, end: 0.3 });
  const denoise: Denoiser<Float64Array> = async (x) => ({ denoised: x.map(() => 0.8), noise: x });
  const sampler = ancestral(schedule);
  const start = Float64Array.of(-1, 2);
  const end = await lastOf(sampler.sample(denoise, start, { noise: (i) => Float64Array.of(i % 2, -1) }), start);
  expect(sampler.steps).toBe(50);
  for (const v of end) expect(v).toBeCloseTo(0.8, 12);
});

test("the posterior joins both ends: its mean at the expected noisy latent is the expected one before", () => {
  const schedule = linearSchedule();
  const x0 = Float64Array.of(1.5);
  for (const t of [1, 10, 999]) {
    const mean = ancestralStep(schedule, t, combine([Math.sqrt(schedule[t]!), x0]), x0, Float64Array.of(0));
    expect(mean[0]!).toBeCloseTo(Math.sqrt(schedule[t - 1]!) * 1.5, 9);
  }
});
