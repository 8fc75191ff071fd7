import { expect, test } from "vitest";
import { cosineSchedule } from "./cosine-schedule.ts";
import { linearSchedule } from "./linear-schedule.ts";
import { alphaAt, scheduleOfBetas } from "./noise-schedule.ts";
import { betaAt } from "./schedule-buffers.ts";
import { zeroTerminal } from "./zero-terminal.ts";

test("cosine: ᾱ is cos² up to its limit, β stays within it", () => {
  const schedule = cosineSchedule();
  const f = (t: number) => Math.cos(((t / 1000 + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
  for (const t of [0, 10, 500, 900]) expect(schedule[t]!).toBeCloseTo(f(t + 1) / f(0), 12);
  for (let t = 0; t < 1000; t++) expect(betaAt(schedule, t)).toBeLessThanOrEqual(0.999 + 1e-9);
  expect(schedule[999]!).toBeGreaterThan(0);
});

test("zero terminal: the last time is pure noise, the first stays, it still falls", () => {
  const before = linearSchedule();
  const after = zeroTerminal(before);
  expect(after[0]!).toBeCloseTo(before[0]!, 12);
  expect(after[999]!).toBe(0);
  for (let t = 1; t < 1000; t++) expect(after[t]!).toBeLessThan(after[t - 1]!);
});

test("wrong β and times say so", () => {
  expect(() => scheduleOfBetas([0.1, 1.5])).toThrow("β[1] is 1.5");
  expect(() => alphaAt(linearSchedule(), 1000)).toThrow("from 0 to 999");
});
