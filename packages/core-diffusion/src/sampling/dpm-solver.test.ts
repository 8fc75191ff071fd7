import { expect, test } from "vitest";
import { linearSchedule } from "../schedule/linear-schedule.ts";
import { zeroTerminal } from "../schedule/zero-terminal.ts";
import { ddimStep } from "./ddim.ts";
import type { Denoiser } from "./denoiser.ts";
import { dpmSolver, dpmSolverStep, solverLevel } from "./dpm-solver.ts";
import { combine } from "./latents.ts";
import { lastOf } from "./sampler.ts";

const schedule = linearSchedule();
const spread = 0.5;
const total = (alpha: number) => alpha * spread ** 2 + 1 - alpha;
/** The exact posterior mean for data N(0, s²). */
const gaussian: Denoiser<Float64Array> = async (x, { alpha }) => ({
  denoised: combine([(Math.sqrt(alpha) * spread ** 2) / total(alpha), x]),
  noise: combine([Math.sqrt(1 - alpha) / total(alpha), x]),
});

async function errorWith(steps: number, order: 1 | 2, lowerOrderFinal = false): Promise<number> {
  const sampler = dpmSolver(schedule, { steps, order, lowerOrderFinal, grid: "logSNR" });
  const start = Float64Array.of(1.3);
  const x = await lastOf(sampler.sample(gaussian, start), start);
  const [first, last] = [solverLevel(schedule, 1), solverLevel(schedule, 1 / 1000)];
  return Math.abs(x[0]! - 1.3 * Math.sqrt(total(last.alpha ** 2) / total(first.alpha ** 2)));
}

test.each([
  [1, 0.8, 1.3],
  [2, 1.8, 2.6],
] as const)("order %i converges as such on a Gaussian", async (order, low, high) => {
  const [a, b] = [await errorWith(80, order), await errorWith(160, order)];
  expect(Math.log2(a / b)).toBeGreaterThan(low);
  expect(Math.log2(a / b)).toBeLessThan(high);
});

test("second order is far better at 40 steps", async () => {
  expect(await errorWith(40, 2)).toBeLessThan((await errorWith(40, 1)) / 5);
  expect(await errorWith(40, 2, true)).toBeLessThan((await errorWith(40, 1)) / 5);
});

test("levels at the schedule's times are the schedule, and network times run from T−1 to about 0", async () => {
  for (const i of [0, 500, 999]) expect(solverLevel(schedule, (i + 1) / 1000).alpha ** 2).toBeCloseTo(schedule[i]!, 12);
  const times: number[] = [];
  const start = Float64Array.of(1);
  for await (const { time } of dpmSolver(schedule, { steps: 20 }).sample(gaussian, start)) times.push(time);
  expect(times[0]).toBeCloseTo(999, 9);
  expect(times[1]).toBeCloseTo(949.05, 9);
  expect(times).toHaveLength(20);
});

test("a step of first order is DDIM's", async () => {
  const [from, to] = [solverLevel(schedule, 0.7), solverLevel(schedule, 0.6)];
  const x = Float64Array.of(0.4);
  const prediction = await gaussian(x, { time: 0, alpha: from.alpha ** 2 });
  const expected = ddimStep(prediction, { to: to.alpha ** 2, sigma: 0 });
  expect(dpmSolverStep(x, from, to, prediction.denoised)[0]!).toBeCloseTo(expected[0]!, 12);
});

test("a schedule that ends in pure noise is refused", () => {
  expect(() => dpmSolver(zeroTerminal(schedule), { steps: 20 })).toThrow("Use DDIM");
});
