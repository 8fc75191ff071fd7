import { gaussians } from "@prosopon/random";
import { expect, test } from "vitest";
import { linearSchedule } from "../schedule/linear-schedule.ts";
import { zeroTerminal } from "../schedule/zero-terminal.ts";
import { gaussianMixture } from "./gaussian-mixture.test.support.ts";
import { predictorCorrector } from "./predictor-corrector.ts";
import { probabilityFlow } from "./probability-flow.ts";
import { lastOf } from "./sampler.ts";
import { scheduleSde } from "./schedule-sde.ts";

const schedule = linearSchedule();
const sde = scheduleSde(schedule, 600);
const mixture = gaussianMixture([
  { weight: 0.35, mean: -1, deviation: 0.4 },
  { weight: 0.65, mean: 0.8, deviation: 0.5 },
]);

test("its levels are the schedule's at whole times, and its drift is what they fall by", () => {
  for (const time of [0, 1, 17, 300, 599, 600]) {
    expect(sde.signal(time / 600) ** 2).toBeCloseTo(schedule[time]!, 12);
    expect(sde.signal(time / 600) ** 2 + sde.deviation(time / 600) ** 2).toBeCloseTo(1, 12);
  }
  let sum = 0;
  for (let i = 0; i < 6000; i++) sum += sde.drift((i + 0.5) / 6000) / 6000;
  expect(sum).toBeCloseTo(Math.log(sde.signal(1) / sde.signal(0)), 4);
  expect(sde.diffusion(0.4) ** 2).toBeCloseTo(-2 * sde.drift(0.4), 12);
});

test("its flow ends where the exact transport does, from a strength below 1, and closer with more steps", async () => {
  const start = Float64Array.of(-1.2, -0.3, 0.4, 1.1);
  const error = async (steps: number) => {
    const found = await lastOf(probabilityFlow(sde, { steps }).sample(mixture.denoise, start), start);
    const wanted = start.map((v) => mixture.transport(v, schedule[600]!, schedule[0]!));
    return Math.max(...found.map((v, i) => Math.abs(v - wanted[i]!)));
  };
  const [coarse, fine] = [await error(50), await error(200)];
  expect(fine).toBeLessThan(0.15 * coarse);
  expect(fine).toBeLessThan(2e-3);
});

test("a batch of the predictor-corrector's gives what its samples give alone", async () => {
  const start = Float64Array.from(gaussians(1, "start", 0, 8));
  const noise = (length: number) => (step: number) => Float64Array.from(gaussians(2, "noise", step, length));
  const twice = (x: Float64Array) => Float64Array.of(...x, ...x.map((v) => 3 * v));
  const alone = await lastOf(
    predictorCorrector(sde, { steps: 9 }).sample(mixture.denoise, start, { noise: noise(8) }),
    start,
  );
  const both = await lastOf(
    predictorCorrector(sde, { steps: 9, samples: 2 }).sample(mixture.denoise, twice(start), {
      noise: (step) => twice(noise(8)(step)),
    }),
    twice(start),
  );
  for (const [i, v] of alone.entries()) expect(both[i]!).toBeCloseTo(v, 12);
  const joined = await lastOf(
    predictorCorrector(sde, { steps: 9 }).sample(mixture.denoise, twice(start), {
      noise: (step) => twice(noise(8)(step)),
    }),
    twice(start),
  );
  expect(Math.abs(joined[0]! - alone[0]!)).toBeGreaterThan(1e-3);
});

test("begins at no time that the schedule lacks, nor in pure noise", () => {
  for (const from of [0, 0.5, 1000]) expect(() => scheduleSde(schedule, from)).toThrow(`No SDE begins at time ${from}`);
  expect(() => scheduleSde(zeroTerminal(schedule))).toThrow("No SDE begins at time 999");
});
