import { gaussians } from "@prosopon/random";
import { describe, expect, test } from "vitest";
import { linearSchedule } from "../schedule/linear-schedule.ts";
import { ancestral, ancestralAlong } from "./ancestral.ts";
import { annealedLangevin, geometricSigmas } from "./annealed-langevin.ts";
import { ddim } from "./ddim.ts";
import { ddimPlan } from "./ddim-plan.ts";
import type { Denoiser } from "./denoiser.ts";
import { dpmSolver } from "./dpm-solver.ts";
import { euler, heun } from "./euler-heun.ts";
import { fewStep } from "./few-step.ts";
import { gaussianMixture, normalCdf } from "./gaussian-mixture.test.support.ts";
import { multistepSde } from "./multistep-sde.ts";
import { predictorCorrector } from "./predictor-corrector.ts";
import { probabilityFlow } from "./probability-flow.ts";
import { lastOf, type Sampler } from "./sampler.ts";
import { scheduleSde } from "./schedule-sde.ts";
import { veSde, vpSde } from "./sde.ts";
import { singlestep } from "./singlestep.ts";
import { exponentialGrid, karrasGrid, planGrid, timeGrid } from "./solver-grid.ts";
import { uniPc } from "./uni-pc.ts";

const schedule = linearSchedule();
const mixture = gaussianMixture([
  { weight: 0.35, mean: -1, deviation: 0.4 },
  { weight: 0.65, mean: 0.8, deviation: 0.5 },
]);
const start = Float64Array.of(-1.2, -0.3, 0.4, 1.1);

/** Between which ᾱ a sampler goes, and in which scale its latents are there. */
interface Way {
  readonly from: number;
  readonly to: number;
  readonly scaleFrom?: number;
  readonly scaleTo?: number;
}

const whole: Way = { from: schedule.at(-1)!, to: schedule[0]! };

async function errorOf(sampler: Sampler, { from, to, scaleFrom = 1, scaleTo = 1 }: Way): Promise<number> {
  const given = start.map((v) => v * scaleFrom);
  const found = await lastOf(sampler.sample(mixture.denoise, given), given);
  return Math.max(...found.map((v, i) => Math.abs(v / scaleTo - mixture.transport(start[i]!, from, to))));
}

/** log₂ of how much smaller the error becomes when steps are doubled. */
async function orderOf(make: (steps: number) => Sampler, way: Way, steps: number): Promise<number> {
  return Math.log2((await errorOf(make(steps), way)) / (await errorOf(make(2 * steps), way)));
}

const grid = (steps: number) => exponentialGrid(schedule, { steps });
const karras = (steps: number) => karrasGrid(schedule, { steps });
const vp = vpSde();
const ve = veSde({ least: 0.02, most: 20 });
const wayOf = (sde: typeof vp): Way => {
  const [a, b] = [1, sde.end].map((t) => ({
    signal: sde.signal(t),
    scale: Math.hypot(sde.signal(t), sde.deviation(t)),
  }));
  return { from: (a!.signal / a!.scale) ** 2, to: (b!.signal / b!.scale) ** 2, scaleFrom: a!.scale, scaleTo: b!.scale };
};

/** Sampler, expected order, steps of the coarser run. The measured orders stand in docs/samplers.md. */
const table: readonly (readonly [
  name: string,
  make: (steps: number) => Sampler,
  order: number,
  steps: number,
  way?: Way,
])[] = [
  [
    "ddim, uniform times",
    (n) =>
      ddim(
        ddimPlan(
          schedule,
          Array.from({ length: n + 1 }, (_, i) => (i * 640) / n),
        ),
      ),
    1,
    160,
    { from: schedule[640]!, to: schedule[0]! },
  ],
  ["euler, exponential", (n) => euler(grid(n)), 1, 80],
  ["euler, Karras", (n) => euler(karras(n)), 1, 80],
  ["heun, exponential", (n) => heun(grid(n)), 2, 80],
  ["heun, Karras", (n) => heun(karras(n)), 2, 80],
  ["dpm-solver++(1)", (n) => dpmSolver(schedule, { steps: n, order: 1, grid: "logSNR" }), 1, 80],
  ["dpm-solver++(2m)", (n) => dpmSolver(schedule, { steps: n, grid: "logSNR", lowerOrderFinal: false }), 2, 80],
  ["dpm-solver++(2s)", (n) => singlestep(grid(n)), 2, 80],
  ["dpm-solver++(2s), Karras", (n) => singlestep(karras(n)), 2, 80],
  ["dpm-solver++(3s)", (n) => singlestep(grid(n), { order: 3 }), 3, 40],
  ["unipc-1", (n) => uniPc(grid(n), { order: 1 }), 2, 80],
  ["unipc-2", (n) => uniPc(grid(n), { order: 2 }), 3, 80],
  ["unipc-2, bh1", (n) => uniPc(grid(n), { order: 2, variant: "bh1" }), 3, 80],
  ["unipc-3", (n) => uniPc(grid(n), { order: 3 }), 3, 80],
  ["VP probability flow, Euler", (n) => probabilityFlow(vp, { steps: n, order: 1 }), 1, 400, wayOf(vp)],
  ["VP probability flow, Heun", (n) => probabilityFlow(vp, { steps: n }), 2, 400, wayOf(vp)],
  ["VP probability flow, Runge-Kutta", (n) => probabilityFlow(vp, { steps: n, order: 4 }), 4, 100, wayOf(vp)],
  ["VE probability flow, Euler", (n) => probabilityFlow(ve, { steps: n, order: 1 }), 1, 200, wayOf(ve)],
  ["VE probability flow, Heun", (n) => probabilityFlow(ve, { steps: n }), 2, 100, wayOf(ve)],
  ["VE probability flow, Runge-Kutta", (n) => probabilityFlow(ve, { steps: n, order: 4 }), 4, 50, wayOf(ve)],
];

describe("order of convergence against the exact transport of a Gaussian mixture", () => {
  const rows = table.map(([name, make, order, steps, way = whole]) => ({ name, make, order, steps, way }));
  test.each(rows)("$name: $order", async ({ make, order, steps, way }) => {
    const found = await orderOf(make, way, steps);
    expect(found).toBeGreaterThan(order - 0.35);
    expect(found).toBeLessThan(order + 0.7);
  });

  test("negative control: a denoiser that is told the wrong level, or half a corrector, converges to something else", async () => {
    const wrong: Denoiser<Float64Array> = (x, { time, alpha }) => mixture.denoise(x, { time, alpha: alpha * 0.999 });
    const lying = (sampler: Sampler): Sampler => ({
      ...sampler,
      sample: (_, x, options) => sampler.sample(wrong as never, x, options),
    });
    expect(await orderOf((n) => lying(heun(grid(n))), whole, 80)).toBeLessThan(0.5);
    expect(await orderOf((n) => euler(grid(n)), whole, 80)).toBeLessThan(1.5);
    expect(await orderOf((n) => singlestep(timeGrid(schedule, { steps: n }), { order: 3 }), whole, 40)).toBeLessThan(
      2.5,
    );
  });
});

test("the exact transport: it keeps a Gaussian's quantiles, and the network's truth agrees with tables", () => {
  const one = gaussianMixture([{ weight: 1, mean: 0, deviation: 0.5 }]);
  expect(one.transport(1.3, 0.01, 0.99)).toBeCloseTo(1.3 * Math.sqrt((0.99 * 0.25 + 0.01) / (0.01 * 0.25 + 0.99)), 9);
  expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 12);
  expect(normalCdf(-5)).toBeCloseTo(2.866515718791933e-7, 18);
});

const count = 4000;
const normal = (seed: number) => (step: number) => Float64Array.from(gaussians(seed, "test", step, count));

/** Mean and deviation of what a sampler makes of noise, and the part of it that lies below 0, relative to the truth. */
async function moments(sampler: Sampler, scale = 1) {
  const begin = normal(1)(0).map((v) => v * scale);
  const x = await lastOf(sampler.sample(mixture.denoise, begin, { noise: normal(2) }), begin);
  const mean = x.reduce((a, b) => a + b, 0) / count;
  const deviation = Math.sqrt(x.reduce((a, b) => a + (b - mean) ** 2, 0) / count);
  const below = x.reduce((a, b) => a + (b < 0 ? 1 : 0), 0) / count;
  const truth = 0.35 * normalCdf(1 / 0.4) + 0.65 * normalCdf(-0.8 / 0.5);
  // The mean is near 0, so that its error counts in deviations.
  return [(mean - mixture.mean) / mixture.deviation, deviation / mixture.deviation - 1, below - truth].map(Math.abs);
}

describe("stochastic samplers recover the mixture's moments within 5 %", () => {
  test.each<[string, Sampler, number?]>([
    [
      "ancestral, every fifth time",
      ddim(
        ddimPlan(
          schedule,
          Array.from({ length: 200 }, (_, i) => 5 * i + 1),
          { eta: 1 },
        ),
      ),
    ],
    ["sde-dpm-solver++(2m)", multistepSde(grid(60))],
    ["sde-dpm-solver++(1)", multistepSde(grid(120), { order: 1 })],
    [
      "ancestral along every fifth time",
      ancestralAlong(
        ddimPlan(
          schedule,
          Array.from({ length: 200 }, (_, i) => 5 * i + 1),
        ),
      ),
    ],
    ["the schedule's predictor-corrector", predictorCorrector(scheduleSde(schedule), { steps: 250 })],
    ["VP predictor-corrector", predictorCorrector(vp, { steps: 200 })],
    ["VP predictor alone", predictorCorrector(vp, { steps: 300, corrections: 0 })],
    ["VE predictor-corrector", predictorCorrector(ve, { steps: 150 }), 20],
    ["VE predictor alone", predictorCorrector(ve, { steps: 200, corrections: 0 }), 20],
    ["annealed Langevin", annealedLangevin({ sigmas: geometricSigmas(10, 0.05, 12), repeats: 40, length: 4e-4 }), 10],
  ])("%s", async (_, sampler, scale) => {
    for (const error of await moments(sampler, scale)) expect(error).toBeLessThan(0.05);
  });

  test("negative control: without its noise a stochastic sampler loses spread", async () => {
    const silent = multistepSde(grid(60));
    const begin = normal(1)(0);
    const x = await lastOf(silent.sample(mixture.denoise, begin, { noise: () => new Float64Array(count) }), begin);
    const mean = x.reduce((a, b) => a + b, 0) / count;
    const deviation = Math.sqrt(x.reduce((a, b) => a + (b - mean) ** 2, 0) / count);
    expect(deviation / mixture.deviation).toBeLessThan(0.9);
  });
});

test("few steps of a network that is right in one jump: exact transport at every level", async () => {
  const jump: Denoiser<Float64Array> = async (x, { alpha }) => {
    const denoised = x.map((v) => mixture.transport(v, alpha, 0.9999));
    return { denoised, noise: denoised };
  };
  const few = 300;
  const begin = Float64Array.from(gaussians(1, "few", 0, few));
  const sampler = fewStep(timeGrid(schedule, { steps: 4 }));
  const x = await lastOf(
    sampler.sample(jump, begin, { noise: (step) => Float64Array.from(gaussians(2, "few", step, few)) }),
    begin,
  );
  const mean = x.reduce((a, b) => a + b, 0) / few;
  const deviation = Math.sqrt(x.reduce((a, b) => a + (b - mean) ** 2, 0) / few);
  expect(Math.abs(deviation / mixture.deviation - 1)).toBeLessThan(0.12);
  await expect(lastOf(sampler.sample(jump, begin), begin)).rejects.toThrow("draws noise");
});

test("grids: ends, monotony, refusals; the plan's levels are DDIM's", async () => {
  for (const made of [timeGrid, exponentialGrid, karrasGrid]) {
    const { levels, at } = made(schedule, { steps: 7, from: 800, to: 20 });
    expect(levels).toHaveLength(8);
    expect([levels[0]!.time, levels[7]!.time]).toEqual([800, 20]);
    levels.slice(1).forEach((level, i) => {
      expect(level.lambda).toBeGreaterThan(levels[i]!.lambda);
      expect(at(level.lambda).time).toBeCloseTo(level.time, 6);
      expect(level.alpha ** 2 + level.sigma ** 2).toBeCloseTo(1, 12);
    });
    expect(() => made(schedule, { steps: 0 })).toThrow("at least one step");
    expect(() => made(schedule, { steps: 4, from: 1000 })).toThrow("1000");
  }
  const plan = ddimPlan(schedule, [1, 200, 400, 600]);
  const [a, b] = await Promise.all(
    [ddim(plan), euler(planGrid(schedule, plan))].map((s) => lastOf(s.sample(mixture.denoise, start), start)),
  );
  for (const [i, v] of a!.entries()) expect(b![i]!).toBeCloseTo(v, 10);
  expect(() => planGrid(schedule, ddimPlan(schedule, [1, 500], { clean: "one" }))).toThrow("clean");
});

test.each<[string, Sampler]>([
  ["singlestep", singlestep(grid(4))],
  ["unipc", uniPc(grid(4))],
  ["heun", heun(grid(4))],
  ["sde", multistepSde(grid(4))],
  ["few-step", fewStep(grid(4))],
  ["predictor-corrector", predictorCorrector(vp, { steps: 4 })],
  ["probability flow", probabilityFlow(ve, { steps: 4 })],
  ["langevin", annealedLangevin({ sigmas: [2, 1, 0.5, 0.2], repeats: 2 })],
  ["ancestral", ancestral(schedule.slice(0, 4))],
])("%s yields its steps one by one and ends at a fired signal", async (_, sampler) => {
  const controller = new AbortController();
  const noise = (step: number) => Float64Array.from(gaussians(3, "x", step, start.length));
  const indices: number[] = [];
  for await (const { index } of sampler.sample(mixture.denoise, start, { noise })) indices.push(index);
  expect(indices).toEqual([0, 1, 2, 3]);
  expect(sampler.steps).toBe(4);
  const walk = sampler.sample(mixture.denoise, start, { noise, signal: controller.signal });
  await walk.next();
  controller.abort();
  await expect(walk.next()).rejects.toMatchObject({ code: "cancelled" });
});
