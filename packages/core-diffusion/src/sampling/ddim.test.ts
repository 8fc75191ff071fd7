import { expect, test } from "vitest";
import { linearSchedule } from "../schedule/linear-schedule.ts";
import { ddim } from "./ddim.ts";
import { ddimPlan, inversionPlan } from "./ddim-plan.ts";
import { strengthTimes, uniformTimes } from "./ddim-times.ts";
import { denoiser, type Network } from "./denoiser.ts";
import { lastOf } from "./sampler.ts";

const schedule = linearSchedule();

async function states(sampler: ReturnType<typeof ddim>, network: Network<Float64Array>, start: Float64Array) {
  const found: number[] = [];
  for await (const { noisy } of sampler.sample(denoiser(network), start)) found.push(noisy[0]!);
  return found;
}

test("inversion and sampling walk the original's path (scalar toy model)", async () => {
  const toy: Network<Float64Array> = (x, t) => x.map((v) => 0.1 * v + (0.01 * t) / 1000);
  const times = strengthTimes(6, 0.5);
  const up = await states(ddim(inversionPlan(schedule, times)), toy, Float64Array.of(0.7));
  const golden = [0.7006008731, 0.662525637, 0.5886088252, 0.4930100757, 0.3864709679, 0.2816086979];
  expect(up.map((v) => Number(v.toFixed(7)))).toEqual(golden.map((v) => Number(v.toFixed(7))));
  const down = await states(ddim(ddimPlan(schedule, times)), toy, Float64Array.of(up[5]!));
  const back = [0.3915872584, 0.5038276348, 0.6047999966, 0.6830655206, 0.7239440805, 0.7233221904];
  expect(down.map((v) => Number(v.toFixed(7)))).toEqual(back.map((v) => Number(v.toFixed(7))));
  const source = await states(ddim(inversionPlan(schedule, times, { at: "source" })), toy, Float64Array.of(0.7));
  expect(Math.abs(source[5]! - golden[5]!)).toBeGreaterThan(1e-4);
});

test("parameters of eight steps with η = 1 are the original's", () => {
  const rows = [
    [1, 0.996994153, 0.9985, 0.027433335],
    [126, 0.768778168, 0.996994153, 0.054550127],
    [251, 0.500011891, 0.768778168, 0.402088311],
    [376, 0.262719335, 0.500011891, 0.567303295],
    [501, 0.106782909, 0.262719335, 0.699947844],
    [626, 0.032140978, 0.106782909, 0.803180246],
    [751, 0.006856103, 0.032140978, 0.875590068],
    [876, 0.000991545, 0.006856103, 0.922147697],
  ];
  const plan = ddimPlan(schedule, uniformTimes(8), { eta: 1 }).toReversed();
  plan.forEach(({ time, from, to, sigma }, i) => {
    const [t, a, previous, deviation] = rows[i]!;
    expect(time).toBe(t);
    expect(from).toBeCloseTo(a!, 8);
    expect(to).toBeCloseTo(previous!, 8);
    expect(sigma).toBeCloseTo(deviation!, 7);
  });
  expect(ddimPlan(schedule, [1], { clean: "one" })[0]!.to).toBe(1);
});

/** Data N(0, s²): x̂₀ and the way of the probability flow are known. */
const spread = 0.5;
const total = (alpha: number) => alpha * spread ** 2 + 1 - alpha;
const gaussian: Network<Float64Array> = (x, t) => x.map((v) => (v * Math.sqrt(1 - schedule[t]!)) / total(schedule[t]!));

async function errorWith(steps: number): Promise<number> {
  const times = Array.from({ length: steps + 1 }, (_, i) => (i * 640) / steps);
  const x = await lastOf(
    ddim(ddimPlan(schedule, times)).sample(denoiser(gaussian), Float64Array.of(1.3)),
    Float64Array.of(1.3),
  );
  return Math.abs(x[0]! - 1.3 * Math.sqrt(total(schedule[0]!) / total(schedule[640]!)));
}

test("DDIM is of first order on a Gaussian", async () => {
  const errors = await Promise.all([20, 40, 80, 160].map(errorWith));
  const orders = errors.slice(1).map((e, i) => Math.log2(errors[i]! / e));
  for (const order of orders) expect(order).toBeGreaterThan(0.85);
  expect(orders.at(-1)!).toBeLessThan(1.2);
});

test("η = 1 gives samples of the right spread", async () => {
  const n = 4000;
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  const normal = () =>
    Float64Array.from({ length: n }, () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
  const plan = ddimPlan(schedule, uniformTimes(100), { eta: 1 });
  const x = await lastOf(ddim(plan).sample(denoiser(gaussian), normal(), { noise: normal }), normal());
  const deviation = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / n);
  expect(deviation).toBeGreaterThan(0.46);
  expect(deviation).toBeLessThan(0.54);
});

test("noise must be given, a fired signal ends it, leaving early asks no more", async () => {
  const start = Float64Array.of(1);
  const noisy = ddim(ddimPlan(schedule, uniformTimes(4), { eta: 1 }));
  await expect(lastOf(noisy.sample(denoiser(gaussian), start), start)).rejects.toThrow("draws noise");
  const controller = new AbortController();
  let calls = 0;
  const counting: Network<Float64Array> = (x) => {
    if (++calls === 2) controller.abort();
    return x;
  };
  const plain = ddim(ddimPlan(schedule, uniformTimes(4)));
  await expect(
    lastOf(plain.sample(denoiser(counting), start, { signal: controller.signal }), start),
  ).rejects.toMatchObject({ code: "cancelled" });
  expect(calls).toBe(2);
  for await (const step of plain.sample(denoiser(counting), start)) if (step.index === 0) break;
  expect(calls).toBe(3);
});
