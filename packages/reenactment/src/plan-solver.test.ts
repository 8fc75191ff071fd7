import { type Denoiser, ddim, ddimPlan, lastOf, linearSchedule, strengthTimes } from "@prosopon/core-diffusion";
import { expect, test } from "vitest";
import { planSolver } from "./plan-solver.ts";

const schedule = linearSchedule();
const plan = (steps: number) => ddimPlan(schedule, strengthTimes(steps, 0.6));
const variance = 0.3;
const start = Float64Array.of(1.3, -0.4);

/** Data N(0, variance): the best denoiser is known, and so is where its probability flow ends. */
const gaussian: Denoiser<Float64Array> = async (x, { alpha }) => {
  const weight = (Math.sqrt(alpha) * variance) / (alpha * variance + 1 - alpha);
  const denoised = x.map((v) => weight * v);
  return { denoised, noise: x.map((v, i) => (v - Math.sqrt(alpha) * denoised[i]!) / Math.sqrt(1 - alpha)) };
};
const deviation = (alpha: number) => Math.sqrt(alpha * variance + 1 - alpha);
const truth = start.map((v) => (v * deviation(schedule[0]!)) / deviation(schedule[600]!));
const error = (found: Float64Array) => Math.max(...found.map((v, i) => Math.abs(v - truth[i]!)));

test("order 1 is DDIM", async () => {
  const [a, b] = await Promise.all(
    [planSolver(plan(12), { order: 1 }), ddim(plan(12))].map((sampler) =>
      lastOf(sampler.sample(gaussian, start), start),
    ),
  );
  for (const [i, v] of a!.entries()) expect(v).toBeCloseTo(b![i]!, 12);
});

test("order 2 comes closer to the exact end, and faster with more steps", async () => {
  const at = async (steps: number, order: 1 | 2) =>
    error(await lastOf(planSolver(plan(steps), { order }).sample(gaussian, start), start));
  const [coarse, fine] = [await at(30, 2), await at(60, 2)];
  expect(fine).toBeLessThan(0.5 * (await at(60, 1)));
  expect(fine).toBeLessThan(0.5 * coarse);
});

test("stops at the signal", async () => {
  const controller = new AbortController();
  const samples = planSolver(plan(12)).sample(gaussian, start, { signal: controller.signal });
  await samples.next();
  controller.abort();
  await expect(samples.next()).rejects.toMatchObject({ code: "cancelled" });
});
