import {
  combine,
  type DdimPlan,
  ddim,
  ddimPlan,
  denoiser,
  diffuse,
  diffusionLoss,
  fusedSampler,
  guided,
  lastOf,
  linearSchedule,
  type Parameterisation,
  uniformTimes,
  zeroTerminal,
} from "@prosopon/core-diffusion";
import { add, graph, input, mul, reshape, type Tensor, tensor, type Value } from "@prosopon/graph";
import { gaussians } from "@prosopon/random";
import { expect, test } from "vitest";
import { expectClose, maximalError } from "../reference/fixture.ts";
import { runGraph } from "../reference/run-graph.ts";

const shape = [2, 1, 2, 3];
const noise = (name: string, sizes: readonly number[] = shape): Tensor<"float32"> =>
  tensor(
    "float32",
    sizes,
    gaussians(
      7,
      name,
      0,
      sizes.reduce((a, b) => a * b, 1),
    ),
  );
/** [B] to [B, 1, 1, 1]. */
const overShape = (t: Value) => reshape(t, [t.shape[0]!, 1, 1, 1]);
const none: ReadonlyMap<string, Tensor> = new Map();
const kinds: readonly Parameterisation[] = ["epsilon", "v", "x0"];

test.each(
  kinds,
)("steps inside and outside a graph agree when the network predicts %s, noise included", async (kind) => {
  const schedule = kind === "epsilon" ? linearSchedule() : zeroTerminal(linearSchedule());
  const plan = ddimPlan(schedule, [1, 300, 600, 999], { eta: 0.7 });
  const start = noise("start");
  const draws = noise("draws", [4, ...shape]);
  const inside = await runGraph({ start, draws }, none, (_, { start, draws }) => {
    const predict = (x: Value, t: Value) => add(mul(x, 0.3), mul(overShape(t), 1e-4));
    const made = fusedSampler(start!, [{ plan, predict, parameterisation: kind, noise: draws! }]);
    return { latent: made.latent };
  });
  const network = (x: Float32Array, t: number) => x.map((v) => 0.3 * v + t * 1e-4);
  const outside = await lastOf(
    ddim(plan).sample(denoiser(network, kind), start.data, {
      noise: (i) => draws.data.slice(i * 12, (i + 1) * 12),
    }),
    start.data,
  );
  const most = outside.reduce((a, v) => Math.max(a, Math.abs(v)), 1);
  expectClose(`fused ${kind}`, inside["latent"]!, outside, 1e-5 * most);
  const dry = await lastOf(
    ddim(plan).sample(denoiser(network, kind), start.data, { noise: () => new Float32Array(12) }),
    start.data,
  );
  expect(maximalError(dry, outside)).toBeGreaterThan(1e-3);
});

test("guidance in a graph is the equation, branch by branch", async () => {
  const [x, t] = [noise("x"), tensor("float32", [2], [3, 5])];
  const [context, absent] = [noise("context", [2, 1, 3]), noise("absent", [2, 1, 3])];
  const gamma = 2.5;
  const found = await runGraph({ x, t, context, absent, gamma: tensor("float32", [], [gamma]) }, none, (_, v) => {
    const network = (noisy: Value, time: Value, told: Value) =>
      add(noisy, mul(overShape(time), reshape(told, [told.shape[0]!, 1, 1, 3])));
    const predict = guided({ network, context: v["context"]!, absent: v["absent"]!, scale: v["gamma"]! });
    return { output: predict(v["x"]!, v["t"]!) };
  });
  const expected = x.data.map((value, i) => {
    const at = (c: Tensor<"float32">) => value + t.data[Math.floor(i / 6)]! * c.data[Math.floor(i / 6) * 3 + (i % 3)]!;
    return at(absent) + gamma * (at(context) - at(absent));
  });
  expectClose("guided", found["output"]!, expected, 1e-5);
});

test.each(kinds)("the loss of a perfect prediction of %s is zero, of another target it is not", async (kind) => {
  const schedule = linearSchedule();
  const feeds = { z: noise("z"), e: noise("e"), t: tensor("int64", [2], [10, 900]) };
  const rows = [0, 1].map((i) => [feeds.z.data.slice(6 * i, 6 * i + 6), feeds.e.data.slice(6 * i, 6 * i + 6)] as const);
  const times = [10, 900];
  const velocity = Float32Array.from(
    rows.flatMap(([z, e], i) => {
      const a = schedule[times[i]!]!;
      return [...combine([Math.sqrt(a), e], [-Math.sqrt(1 - a), z])];
    }),
  );
  const right = { epsilon: feeds.e.data, x0: feeds.z.data, v: velocity };
  const found = await runGraph({ ...feeds, answer: tensor("float32", shape, right[kind]) }, none, (_, v) => {
    const common = { schedule, latent: v["z"]!, time: v["t"]!, noise: v["e"]!, predict: () => v["answer"]! };
    const other = kind === "epsilon" ? "x0" : "epsilon";
    const { loss, noisy } = diffusionLoss({ ...common, parameterisation: kind });
    const weights = schedule.map(() => 3);
    return {
      loss,
      noisy,
      wrong: diffusionLoss({ ...common, parameterisation: other }).loss,
      tripled: diffusionLoss({ ...common, parameterisation: other, weights }).loss,
    };
  });
  expect(found["loss"]!.data[0]).toBeLessThan(1e-12);
  const wrong = Number(found["wrong"]!.data[0]);
  expect(wrong).toBeGreaterThan(0.1);
  expect(Number(found["tripled"]!.data[0])).toBeCloseTo(3 * wrong, 4);
  const noisy = Float32Array.from(rows.flatMap(([z, e], i) => [...diffuse(z, e, schedule[times[i]!]!)]));
  expectClose("noisy", found["noisy"]!, noisy, 1e-6);
});

test("noise that is missing or misshapen is refused", () => {
  const g = graph();
  const x = input(g, "x", "float32", shape);
  const plan: DdimPlan = ddimPlan(linearSchedule(), uniformTimes(4), { eta: 1 });
  expect(() => fusedSampler(x, [{ plan, predict: (v) => v }])).toThrow("draws noise");
  const odd = input(g, "odd", "float32", [3, ...shape]);
  expect(() => fusedSampler(x, [{ plan, predict: (v) => v, noise: odd }])).toThrow("of the shape [4,2,1,2,3]");
});
