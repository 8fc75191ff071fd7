import {
  abs,
  add,
  div,
  gradients,
  mul,
  reduceMean,
  reduceSum,
  sizeOf,
  sqrt,
  square,
  stopGradient,
  sub,
  type Tensor,
  tensor,
} from "@prosopon/graph";
import {
  adam,
  adamW,
  batchNorm,
  constantRate,
  globalNorm,
  hingeDiscriminator,
  hingeGenerator,
  isLora,
  linear,
  lora,
  meanSquaredError,
  type Scope,
  startingAt,
  under,
} from "@prosopon/nn";
import { gaussians } from "@prosopon/random";
import type { Host } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileStep } from "./compile-step.ts";
import { createTrainer } from "./trainer.ts";
import { initialState } from "./training-state.ts";

let host: Host;
beforeAll(async () => {
  host = await createHost({ kind: "in-process" });
});
afterAll(() => host[Symbol.asyncDispose]());

const numbers = (one: Tensor | undefined): readonly number[] =>
  Array.from(one!.data as ArrayLike<number | bigint>, Number);
const noise = (name: string, ...shape: number[]): Tensor =>
  tensor("float32", shape, gaussians(1, name, 0, sizeOf(shape)));

test("one step of a linear model is AdamW on the closed-form gradient, with clipping and an average", async () => {
  const program = compileStep({
    name: "linear",
    inputs: { x: { shape: [4, 3] }, y: { shape: [4, 1] } },
    build: ({ scope, inputs }) => ({
      losses: { error: meanSquaredError(linear(scope, inputs.x, { outputs: 1, bias: false }), inputs.y) },
    }),
    losses: {
      error: {
        parameters: () => true,
        optimizer: adamW({ weightDecay: 0.1 }),
        learningRate: (step) => 0.1 / (step + 1),
        clip: 0.2,
      },
    },
    average: { decay: 0.5 },
  });
  const state = initialState(program, { seed: 3 });
  await using trainer = await createTrainer({ host, program, state });
  const [x, y] = [noise("x", 4, 3), noise("y", 4, 1)];
  let p = [...numbers(state.tensors.get("weights/weight"))];
  const [m, v, shadow] = [[0, 0, 0], [0, 0, 0], [...p]];
  for (let t = 1; t <= 3; t++) {
    const error = [0, 1, 2, 3].map(
      (n) => p.reduce((sum, w, k) => sum + w * numbers(x)[n * 3 + k]!, 0) - numbers(y)[n]!,
    );
    const g = p.map((_, k) => error.reduce((sum, e, n) => sum + (2 / 4) * e * numbers(x)[n * 3 + k]!, 0));
    const norm = Math.hypot(...g);
    const learningRate = 0.1 / t;
    p = p.map((w, k) => {
      const slope = g[k]! * Math.min(1, 0.2 / (norm + 1e-6));
      m[k] = 0.9 * m[k]! + 0.1 * slope;
      v[k] = 0.999 * v[k]! + 0.001 * slope ** 2;
      return (
        w * (1 - learningRate * 0.1) -
        ((learningRate / (1 - 0.9 ** t)) * m[k]!) / (Math.sqrt(v[k]! / (1 - 0.999 ** t)) + 1e-8)
      );
    });
    const decay = Math.min(0.5, (1 + t) / (10 + t));
    p.forEach((w, k) => {
      shadow[k]! -= (1 - decay) * (shadow[k]! - w);
    });
    const { losses, metrics } = await trainer.run({ x, y });
    expect(losses.error).toBeCloseTo(error.reduce((sum, e) => sum + e * e, 0) / 4, 5);
    expect(numbers(metrics["gradientNorm/error"])[0]).toBeCloseTo(norm, 5);
    expect(norm).toBeGreaterThan(0.2);
  }
  const after = await trainer.state();
  numbers(after.tensors.get("weights/weight")).forEach((w, k) => {
    expect(w).toBeCloseTo(p[k]!, 5);
  });
  numbers(after.tensors.get("averages/weight")).forEach((w, k) => {
    expect(w).toBeCloseTo(shadow[k]!, 5);
  });
  numbers(after.tensors.get("exp_avg_sq/weight")).forEach((w, k) => {
    expect(w).toBeCloseTo(v[k]!, 7);
  });
});

test("two losses train two groups in one run, with an adaptive weight from gradient norms and batch statistics", async () => {
  const judge = (scope: Scope, image: Parameters<typeof linear>[1], updates: Map<string, typeof image>) =>
    linear(scope.at("out"), batchNorm(scope.at("norm"), linear(scope.at("in"), image, { outputs: 4 }), { updates }), {
      outputs: 1,
    });
  const program = compileStep({
    name: "adversarial",
    inputs: { x: { shape: [6, 3] } },
    schedules: { factor: startingAt(1, 0.8) },
    build({ scope, inputs: { x }, scalars, updates, parameter }) {
      const made = linear(scope.at("generator"), x, { outputs: 3 });
      const weight = parameter("generator.weight");
      const reconstruction = reduceMean(abs(sub(made, x)));
      const adversarial = hingeGenerator(judge(scope.at("judge"), made, updates));
      const [a, b] = [reconstruction, adversarial].map((loss) => globalNorm(gradients(loss, [weight])));
      const adaptive = stopGradient(div(a!, add(b!, 1e-4)));
      const real = judge(scope.at("judge"), x, updates);
      const fake = judge(scope.at("judge"), stopGradient(made), updates);
      return {
        losses: {
          generator: add(reconstruction, mul(mul(adversarial, adaptive), scalars.factor)),
          judge: mul(hingeDiscriminator(real, fake), scalars.factor),
        },
        metrics: { adaptive },
      };
    },
    losses: {
      generator: {
        parameters: under("generator"),
        optimizer: adam({ beta1: 0.5, beta2: 0.9 }),
        learningRate: constantRate(1e-2),
      },
      judge: {
        parameters: under("judge"),
        optimizer: adam({ beta1: 0.5, beta2: 0.9 }),
        learningRate: constantRate(1e-2),
      },
    },
  });
  const state = initialState(program, { seed: 3 });
  await using trainer = await createTrainer({ host, program, state });
  const moved = async () => {
    const after = await trainer.state();
    return [...after.tensors]
      .filter(([name, one]) => name.startsWith("weights/") && `${one.data}` !== `${state.tensors.get(name)!.data}`)
      .map(([name]) => name);
  };
  const { metrics } = await trainer.run({ x: noise("x", 6, 3) });
  expect(numbers(metrics["adaptive"])[0]).toBeGreaterThan(0);
  const statistics = ["num_batches_tracked", "running_mean", "running_var"].map((name) => `weights/judge.norm.${name}`);
  const generator = ["weights/generator.bias", "weights/generator.weight"];
  // The factor is still 0: the judge has no gradient, but its statistics have seen three batches.
  expect((await moved()).sort()).toEqual([...generator, ...statistics]);
  await trainer.run({ x: noise("x", 6, 3) });
  expect((await moved()).length).toBe(2 + 3 + 6);
  const after = await trainer.state();
  expect(numbers(after.tensors.get("weights/judge.norm.num_batches_tracked"))).toEqual([6]);
  expect([...after.tensors.keys()].filter((name) => name.includes("running"))).toEqual(statistics.slice(1));
});

test.each(["flat", "per-tensor"] as const)("finetuning with LoRA moves only the additions (%s)", async (layout) => {
  const program = compileStep({
    name: "lora",
    inputs: { x: { shape: [4, 3] } },
    build({ scope, inputs: { x } }) {
      const adapted = lora(scope, { parameters: () => true, rank: 1 });
      return {
        losses: {
          error: reduceMean(
            square(linear(adapted.at("b"), linear(adapted.at("a"), x, { outputs: 5 }), { outputs: 2 })),
          ),
        },
      };
    },
    losses: { error: { parameters: isLora, optimizer: adamW(), learningRate: constantRate(1e-2) } },
    layout,
  });
  const state = initialState(program, { seed: 3 });
  await using trainer = await createTrainer({ host, program, state });
  const losses: number[] = [];
  for (let i = 0; i < 20; i++) losses.push((await trainer.run({ x: noise("x", 4, 3) })).losses.error);
  expect(losses.at(-1)).toBeLessThan(0.9 * losses[0]!);
  const after = await trainer.state();
  for (const [name, one] of after.tensors) {
    if (!name.startsWith("weights/")) expect(isLora(name)).toBe(true);
    else if (isLora(name)) expect(one.data).not.toEqual(state.tensors.get(name)!.data);
    else expect(one.data).toEqual(state.tensors.get(name)!.data);
  }
});

test("loaded weights take the place of drawn ones", async () => {
  const program = compileStep({
    name: "loaded",
    inputs: { x: { shape: [1, 2] } },
    build: ({ scope, inputs: { x } }) => ({ losses: { error: reduceSum(linear(scope, x, { outputs: 1 })) } }),
    losses: { error: { parameters: () => true, optimizer: adam(), learningRate: constantRate(0) } },
    average: {},
  });
  const weights = new Map([
    ["weight", tensor("float32", [1, 2], [2, 3])],
    ["unknown", noise("u", 1)],
  ]);
  const state = initialState(program, { seed: 1, weights });
  expect(numbers(state.tensors.get("averages/weight"))).toEqual([2, 3]);
  await using trainer = await createTrainer({ host, program, state });
  const { losses } = await trainer.run({ x: tensor("float32", [1, 2], [10, 1]) });
  expect(losses.error).toBeCloseTo(23 + numbers(state.tensors.get("weights/bias"))[0]!, 5);
  const wrong = new Map([...state.tensors].filter(([name]) => name !== "exp_avg/bias"));
  await expect(createTrainer({ host, program, state: { ...state, tensors: wrong } })).rejects.toThrow("exp_avg/bias");
});

test("mistakes are named", () => {
  const build = (parameters: (name: string) => boolean, scalar = true) =>
    compileStep({
      name: "wrong",
      inputs: { x: { shape: [2, 2] } },
      build({ scope, inputs: { x } }) {
        const y = sqrt(square(linear(scope, x, { outputs: 1 })));
        return { losses: { a: scalar ? reduceSum(y) : y, b: reduceMean(y) } };
      },
      losses: {
        a: { parameters, optimizer: adam(), learningRate: constantRate(1) },
        b: { parameters: (name) => name === "bias", optimizer: adam(), learningRate: constantRate(1) },
      },
    });
  expect(() => build(() => true)).toThrow('both train "bias"');
  expect(() => build(() => false)).toThrow("trains no parameter");
  expect(() => build((name) => name === "weight", false)).toThrow("not a scalar");
  expect(() => build((name) => name === "weight")).not.toThrow();
});
