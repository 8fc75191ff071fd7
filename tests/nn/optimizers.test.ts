import { constant, gradients, input, mul, reduceSum, scalar, square, type Tensor, tensor } from "@prosopon/graph";
import {
  adam,
  adamW,
  clipFactor,
  conv2d,
  ema,
  globalNorm,
  isLora,
  linear,
  lora,
  mergeLora,
  type Optimizer,
} from "@prosopon/nn";
import { gaussians } from "@prosopon/random";
import { expect, test } from "vitest";
import { distance, evaluate } from "./evaluate.ts";

/** PyTorch's `torch.optim.adamw._single_tensor_adamw` in float64, line by line. */
function torchAdamW(
  p: number[],
  grads: readonly number[][],
  lr: number,
  [b1, b2]: readonly [number, number],
  eps: number,
  wd: number,
) {
  const [m, v] = [p.map(() => 0), p.map(() => 0)];
  grads.forEach((g, i) => {
    const step = i + 1;
    for (let k = 0; k < p.length; k++) {
      p[k]! *= 1 - lr * wd;
      m[k] = m[k]! * b1 + (1 - b1) * g[k]!;
      v[k] = v[k]! * b2 + (1 - b2) * g[k]! * g[k]!;
      const stepSize = lr / (1 - b1 ** step);
      const denominator = Math.sqrt(v[k]!) / Math.sqrt(1 - b2 ** step) + eps;
      p[k]! -= stepSize * (m[k]! / denominator);
    }
  });
  return { p, m, v };
}

async function run(optimizer: Optimizer, start: readonly number[], grads: readonly number[][], lr: number) {
  const row = (values: readonly number[]) => tensor("float32", [values.length], values);
  let now: Record<string, readonly number[]> = {
    parameter: start,
    exp_avg: start.map(() => 0),
    exp_avg_sq: start.map(() => 0),
  };
  for (const [i, gradient] of grads.entries()) {
    const scalars = Object.entries(optimizer.scalars(i + 1, lr));
    const { outputs } = await evaluate(
      (s) => {
        const vector = (name: string) => input(s.graph, name, "float32", [start.length]);
        const { parameter, state } = optimizer.update({
          parameter: vector("p"),
          gradient: vector("g"),
          state: { exp_avg: vector("m"), exp_avg_sq: vector("v") },
          scalars: Object.fromEntries(scalars.map(([name]) => [name, input(s.graph, name, "float32", [])])),
        });
        return { parameter, ...state };
      },
      {
        p: row(now["parameter"]!),
        g: row(gradient),
        m: row(now["exp_avg"]!),
        v: row(now["exp_avg_sq"]!),
        ...Object.fromEntries(scalars.map(([name, value]) => [name, scalar(value)])),
      },
    );
    now = outputs;
  }
  return now;
}

const start = [1, -2, 0.5, 1e-3];
// A gradient that is far smaller than epsilon's square root tells a misplaced epsilon.
const grads = [1, 2, 3, 4, 5].map((i) => [...gaussians(i, "gradient", 0, 3), 1e-7 * i]);

test.each([
  ["AdamW", adamW(), [0.9, 0.999], 0.01],
  ["AdamW with other numbers", adamW({ beta1: 0.5, beta2: 0.9, weightDecay: 0.3 }), [0.5, 0.9], 0.3],
  ["Adam", adam({ beta1: 0.5, beta2: 0.9 }), [0.5, 0.9], 0],
] as const)("five steps of %s are PyTorch's", async (_, optimizer, betas, decay) => {
  const got = await run(optimizer, start, grads, 0.01);
  const expected = torchAdamW([...start], grads, 0.01, betas, 1e-8, decay);
  expect(distance(got["parameter"]!, expected.p)).toBeLessThan(1e-6);
  expect(distance(got["exp_avg"]!, expected.m)).toBeLessThan(1e-6);
  expect(distance(got["exp_avg_sq"]!, expected.v)).toBeLessThan(1e-6);
  // Adam with L2 in place of the decoupled decay would be further away than that.
  const other = torchAdamW([...start], grads, 0.01, betas, 1e-8, decay + 0.1);
  expect(distance(got["parameter"]!, other.p)).toBeGreaterThan(1e-4);
});

test("bad betas are refused", () => {
  expect(() => adamW({ beta1: 1 })).toThrow("beta1");
  expect(() => adamW({ weightDecay: -1 })).toThrow("weightDecay");
});

test("clipping scales all gradients by one factor, and only when they are too long", async () => {
  const { outputs } = await evaluate((s) => {
    const [a, b] = [
      constant(s.graph, tensor("float32", [2], [3, 0])),
      constant(s.graph, tensor("float32", [1, 1], [-4])),
    ];
    const norm = globalNorm([a, b]);
    const tight = clipFactor(norm, 1);
    return { norm, a: mul(a, tight), b: mul(b, tight), same: mul(a, clipFactor(norm, 10)) };
  });
  expect(outputs["norm"]).toEqual([5]);
  expect(distance(outputs["a"]!, [0.6, 0])).toBeLessThan(1e-6);
  expect(distance(outputs["b"]!, [-0.8])).toBeLessThan(1e-6);
  expect(outputs["same"]).toEqual([3, 0]);
});

test("an average moves by the rate", async () => {
  const { outputs } = await evaluate((s) => {
    const row = (...values: number[]) => constant(s.graph, tensor("float32", [2], values));
    return { ema: ema(row(1, 2), row(3, -2), constant(s.graph, scalar(0.25))) };
  });
  expect(outputs["ema"]).toEqual([1.5, 1]);
});

test("LoRA changes nothing at first, trains only itself, and merges into ordinary weights", async () => {
  const x = tensor("float32", [1, 3, 5, 5], gaussians(1, "x", 0, 75));
  const build = (adapted: boolean) => (s: Parameters<Parameters<typeof evaluate>[0]>[0]) => {
    const place = adapted ? lora(s, { parameters: (name) => name !== "last.weight", rank: 2, alpha: 6 }) : s;
    const hidden = conv2d(place.at("conv"), constant(s.graph, x), { outputs: 4, kernel: 3 });
    const y = linear(place.at("last"), linear(place.at("dense"), hidden, { outputs: 5 }), { outputs: 2 });
    const added = [...s.parameters.keys()]
      .filter(isLora)
      .map((name) => s.graph.parameters.find((p) => p.name === name)!);
    const slopes = added.length ? gradients(reduceSum(square(y)), added) : [];
    return { y, ...Object.fromEntries(slopes.map((slope, i) => [`slope of ${added[i]!.name}`, slope])) };
  };
  const plain = await evaluate(build(false));
  const adapted = await evaluate(build(true), {}, plain.parameters);
  expect([...adapted.parameters.keys()].filter(isLora)).toEqual([
    "conv.weight.lora_down",
    "conv.weight.lora_up",
    "dense.weight.lora_down",
    "dense.weight.lora_up",
  ]);
  expect(distance(adapted.outputs["y"]!, plain.outputs["y"]!)).toBeLessThan(1e-6);
  // At the start only `up` has a slope: the product's other factor is zero.
  const size = (name: string) => Math.max(...adapted.outputs[`slope of ${name}`]!.map(Math.abs));
  expect(size("conv.weight.lora_down")).toBe(0);
  expect(size("conv.weight.lora_up")).toBeGreaterThan(1e-3);
  const moved = new Map<string, Tensor>(
    [...adapted.parameters].map(([name, one]) =>
      name.endsWith("lora_up")
        ? [name, { ...one, data: gaussians(2, name, 0, one.data.length) } as Tensor]
        : [name, one],
    ),
  );
  const changed = await evaluate(build(true), {}, moved);
  expect(distance(changed.outputs["y"]!, plain.outputs["y"]!)).toBeGreaterThan(0.1);
  const merged = mergeLora(moved, { alpha: 6 });
  expect([...merged.keys()].sort()).toEqual([...plain.parameters.keys()].sort());
  const ordinary = await evaluate(build(false), {}, merged);
  expect(distance(ordinary.outputs["y"]!, changed.outputs["y"]!)).toBeLessThan(1e-4);
});
