import { expect, test } from "vitest";
import { linearSchedule } from "./linear-schedule.ts";
import { betaAt, boundWeights, scheduleBuffers } from "./schedule-buffers.ts";

const schedule = linearSchedule();

test.each([
  [0, 0.9985, 0.9992497185, 0.0387298335],
  [1, 0.996994152597893, 0.9984959452, 0.054825609],
  [2, 0.9954824691914065, 0.9977386778, 0.0672125792],
  [100, 0.8217730844398728, 0.9065170073, 0.4221692973],
  [200, 0.6100008046561556, 0.7810254827, 0.6244991556],
  [300, 0.3994873357876364, 0.6320501054, 0.7749275219],
  [400, 0.22576322787108813, 0.4751454807, 0.879907252],
  [500, 0.10767675390060183, 0.3281413627, 0.9446286287],
  [600, 0.04238392362649135, 0.2058735622, 0.9785786],
  [999, 9.691086681147455e-5, 0.0098443317, 0.9999515434],
])("ᾱ at t = %i is that of the original", (t, alpha, root, rest) => {
  expect(schedule[t]!).toBeCloseTo(alpha, 13);
  const buffers = scheduleBuffers(schedule);
  expect(buffers.sqrt_alphas_cumprod[t]!).toBeCloseTo(root, 7);
  expect(buffers.sqrt_one_minus_alphas_cumprod[t]!).toBeCloseTo(rest, 7);
});

test("β and the bound's weights are those of the original", () => {
  const betas = [0, 1, 500, 999].map((t) => betaAt(schedule, t));
  expect(betas.map((b) => Number(b.toFixed(8)))).toEqual([0.0015, 0.00150811, 0.00828215, 0.0205]);
  const weights = boundWeights(schedule);
  const rounded = [0, 1, 2, 3, 500, 999].map((t) => Number(weights[t]!.toFixed(4)));
  expect(rounded).toEqual([0.5035, 0.5035, 0.2526, 0.169, 0.0047, 0.0105]);
});
