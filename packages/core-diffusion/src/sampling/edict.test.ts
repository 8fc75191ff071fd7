import { gaussians } from "@prosopon/random";
import { expect, test } from "vitest";
import { linearSchedule } from "../schedule/linear-schedule.ts";
import { ddim } from "./ddim.ts";
import { ddimPlan, inversionPlan } from "./ddim-plan.ts";
import { strengthTimes } from "./ddim-times.ts";
import { denoiser } from "./denoiser.ts";
import { type EdictPair, edict } from "./edict.ts";
import { slerp } from "./latents.ts";
import { blend, maskedDenoiser } from "./masked.ts";
import { lastOf } from "./sampler.ts";

const schedule = linearSchedule();
const times = strengthTimes(40, 0.6);
const plan = ddimPlan(schedule, times);
/** A network that no closed form inverts: crooked, and dependent on neighbours and time. */
const crooked = (x: Float64Array, t: number) =>
  x.map((v, i) => Math.sin(3 * v + t / 300) + 0.5 * Math.tanh(x[(i + 1) % x.length]! * 2));
const denoise = denoiser<Float64Array>(crooked);
const clean = Float64Array.from(gaussians(5, "edict", 0, 64));
const most = (a: Float64Array, b: Float64Array) => Math.max(...a.map((v, i) => Math.abs(v - b[i]!)));

async function end(walk: AsyncGenerator<{ readonly pair: EdictPair }>): Promise<EdictPair> {
  let last: EdictPair | undefined;
  for await (const { pair } of walk) last = pair;
  return last!;
}

test("coupled inversion comes back exactly, where DDIM's does not", async () => {
  const exact = edict(plan);
  const noise = await end(exact.invert(denoise, { x: clean, y: clean }));
  expect(most(noise.x, clean)).toBeGreaterThan(0.5);
  const back = await end(exact.sample(denoise, noise));
  expect(most(back.x, clean)).toBeLessThan(1e-9);
  expect(most(back.y, clean)).toBeLessThan(1e-9);
  const up = await lastOf(ddim(inversionPlan(schedule, times)).sample(denoise, clean), clean);
  const down = await lastOf(ddim(plan).sample(denoise, up), up);
  expect(most(down, clean)).toBeGreaterThan(0.01);
});

test("a network that rounds to float32 still comes back to 1e-4", async () => {
  const rounding = denoiser<Float64Array>((x, t) =>
    crooked(Float64Array.from(Float32Array.from(x)), t).map(Math.fround),
  );
  const exact = edict(plan);
  const noise = await end(exact.invert(rounding, { x: clean, y: clean }));
  expect(most((await end(exact.sample(rounding, noise))).x, clean)).toBeLessThan(1e-4);
});

test("plans with noise and impossible mixings are refused", () => {
  expect(() => edict(ddimPlan(schedule, times, { eta: 1 }))).toThrow("takes no noise");
  expect(() => edict(plan, { mixing: 0 })).toThrow("mixing");
});

test("a mask: what it closes stays, what it opens is as without it where nothing couples them", async () => {
  const alone = denoiser<Float64Array>((x, t) => x.map((v) => Math.sin(v + t / 300)));
  const mask = Float64Array.from({ length: 16 }, (_, i) => (i < 8 ? 1 : 0));
  const start = Float64Array.from(gaussians(6, "mask", 0, 64));
  const masked = await lastOf(ddim(plan).sample(maskedDenoiser(alone, mask, clean), start), start);
  const free = await lastOf(ddim(plan).sample(alone, start), start);
  const result = blend(mask, masked, clean);
  for (let i = 0; i < 64; i++)
    if (i % 16 < 8) expect(result[i]!).toBeCloseTo(free[i]!, 12);
    else {
      expect(result[i]).toBe(clean[i]);
      // The last level is not quite clean (ᾱ₀ < 1): some noise is left.
      expect(Math.abs(masked[i]! - clean[i]!)).toBeLessThan(0.2);
    }
  expect(() => blend(new Float64Array(7), clean, clean)).toThrow("mask of 7");
});

test("spherical interpolation keeps the length of noise and its ends", () => {
  const [a, b] = [0, 1].map((step) => Float64Array.from(gaussians(7, "slerp", step, 3000)));
  const norm = (x: Float64Array) => Math.sqrt(x.reduce((s, v) => s + v * v, 0) / x.length);
  expect(most(slerp(a!, b!, 0), a!)).toBeLessThan(1e-12);
  expect(most(slerp(a!, b!, 1), b!)).toBeLessThan(1e-12);
  for (const lambda of [0.25, 0.5, 0.75]) expect(norm(slerp(a!, b!, lambda))).toBeCloseTo(1, 1);
  expect(norm(a!.map((v, i) => (v + b![i]!) / 2))).toBeLessThan(0.75);
  expect(most(slerp(a!, a!, 0.3), a!)).toBeLessThan(1e-12);
});
