import { expect, test } from "vitest";
import { linearSchedule } from "../schedule/linear-schedule.ts";
import { zeroTerminal } from "../schedule/zero-terminal.ts";
import { ddim } from "./ddim.ts";
import type { Denoiser } from "./denoiser.ts";
import { euler } from "./euler-heun.ts";
import { lastOf } from "./sampler.ts";
import { exponentialGrid, gridPlan, karrasGrid, planGrid } from "./solver-grid.ts";

const schedule = linearSchedule();
const grid = karrasGrid(schedule, { steps: 7, from: 600 });

test("a grid as a plan keeps its levels, and DDIM along it is Euler on the grid", async () => {
  const back = planGrid(schedule, gridPlan(grid)).levels;
  expect(back).toHaveLength(8);
  for (const [i, level] of back.entries()) {
    expect(level.lambda).toBeCloseTo(grid.levels[i]!.lambda, 9);
    expect(level.time).toBeCloseTo(grid.levels[i]!.time, 6);
  }
  const denoise: Denoiser<Float64Array> = async (x, { alpha }) => {
    const denoised = x.map(Math.tanh);
    return { denoised, noise: x.map((v, i) => (v - Math.sqrt(alpha) * denoised[i]!) / Math.sqrt(1 - alpha)) };
  };
  const start = Float64Array.of(0.7, -1.1);
  const [a, b] = await Promise.all(
    [ddim(gridPlan(grid)), euler(grid)].map((sampler) => lastOf(sampler.sample(denoise, start), start)),
  );
  for (const [i, v] of a!.entries()) expect(v).toBeCloseTo(b![i]!, 9);
});

test("η gives a grid's plan its noise: never more than the level has", () => {
  for (const { from, to, sigma } of gridPlan(grid, { eta: 1 })) {
    expect(sigma).toBeCloseTo(Math.sqrt(((1 - to) / (1 - from)) * (1 - from / to)), 12);
    expect(sigma ** 2).toBeLessThan(1 - to);
  }
});

test("a schedule that ends in pure noise has grids that begin below its end, and none that begin there", () => {
  const zero = zeroTerminal(schedule);
  expect(exponentialGrid(zero, { steps: 3, from: 998 }).levels.every(({ lambda }) => Number.isFinite(lambda))).toBe(
    true,
  );
  expect(() => exponentialGrid(zero, { steps: 3 })).toThrow("from time 999 to 0");
});
