import { expect, test } from "vitest";
import { linearSchedule } from "../schedule/linear-schedule.ts";
import { ancestral, ancestralAlong, ancestralStep } from "./ancestral.ts";
import { ddim } from "./ddim.ts";
import { ddimPlan } from "./ddim-plan.ts";
import { strengthTimes } from "./ddim-times.ts";
import type { Denoiser } from "./denoiser.ts";
import { combine } from "./latents.ts";
import { lastOf, type Sampler } from "./sampler.ts";

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

test("along a plan: what DDIM with η = 1 does, but for the last step, which stays at the mean", async () => {
  const plan = ddimPlan(linearSchedule(), strengthTimes(8, 0.6), { eta: 1 });
  const start = Float64Array.of(0.7, -1.1);
  const denoise: Denoiser<Float64Array> = async (x, { alpha }) => {
    const denoised = x.map(Math.tanh);
    const noise = x.map((v, i) => (v - Math.sqrt(alpha) * denoised[i]!) / Math.sqrt(1 - alpha));
    return { denoised, noise };
  };
  const noise = (step: number) => Float64Array.of(Math.cos(step), Math.sin(3 * step));
  const walk = async (sampler: Sampler) => {
    const found: number[][] = [];
    for await (const { noisy } of sampler.sample(denoise, start, { noise })) found.push([...noisy]);
    return found;
  };
  const [own, theirs] = [await walk(ancestralAlong(plan)), await walk(ddim(plan))];
  expect(own).toHaveLength(plan.length);
  for (const [index, { sigma }] of plan.entries())
    for (const [i, v] of own[index]!.entries()) {
      const left = index === plan.length - 1 ? sigma * noise(index)[i]! : 0;
      expect(v + left).toBeCloseTo(theirs[index]![i]!, 12);
    }
  expect(plan.at(-1)!.sigma).toBeGreaterThan(0.01);
});
