import {
  type Denoiser,
  ddim,
  ddimPlan,
  gridPlan,
  inversionPlan,
  karrasGrid,
  lastOf,
  linearSchedule,
  reversedPlan,
  strengthTimes,
  zeroTerminal,
} from "@prosopon/core-diffusion";
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

test("the way to noise, of order 2 along the levels of the way back, needs a quarter of DDIM's steps to come as near to the exact noise", async () => {
  const clean = truth;
  const noise = start;
  const far = (found: Float64Array) => Math.max(...found.map((v, i) => Math.abs(v - noise[i]!)));
  const levels = gridPlan(karrasGrid(schedule, { steps: 10, from: 600, to: 0 }));
  const own = far(
    await lastOf(planSolver(reversedPlan(levels), { lowerOrderFinal: false }).sample(gaussian, clean), clean),
  );
  const first = await lastOf(planSolver(reversedPlan(levels), { order: 1 }).sample(gaussian, clean), clean);
  const theirs = await lastOf(ddim(inversionPlan(schedule, strengthTimes(40, 0.6))).sample(gaussian, clean), clean);
  expect(own).toBeLessThan(far(theirs));
  expect(own).toBeLessThan(0.2 * far(first));
});

test("goes to pure noise, where the last step is DDIM's", async () => {
  const zero = zeroTerminal(schedule);
  const plan = reversedPlan(ddimPlan(zero, [1, 500, 999]));
  expect(plan.at(-1)!.to).toBe(0);
  const steps = [];
  for await (const step of planSolver(plan).sample(gaussian, truth)) steps.push(step);
  const { noise } = await gaussian(steps[1]!.noisy, { time: 500, alpha: zero[500]! });
  for (const [i, v] of steps[2]!.noisy.entries()) expect(v).toBeCloseTo(noise[i]!, 12);
});

test("stops at the signal", async () => {
  const controller = new AbortController();
  const samples = planSolver(plan(12)).sample(gaussian, start, { signal: controller.signal });
  await samples.next();
  controller.abort();
  await expect(samples.next()).rejects.toMatchObject({ code: "cancelled" });
});
