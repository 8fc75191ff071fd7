import {
  classifierGradient,
  classifierGuided,
  type Denoiser,
  type DiffusionSde,
  denoiser,
  exponentialGrid,
  lastOf,
  linearSchedule,
  predictorCorrector,
  probabilityFlow,
  type Sampler,
  uniPc,
  veSde,
  vpSde,
} from "@prosopon/core-diffusion";
import { concat, mul, reduceMean, silu, square, sub, type Tensor, tensor, type Value } from "@prosopon/graph";
import { crossEntropy, linear, type Scope, scope } from "@prosopon/nn";
import { gaussians, uniforms } from "@prosopon/random";
import { describe, expect, test } from "vitest";
import { openProgram } from "../reference/run-graph.ts";
import { trainTiny } from "./train-tiny.ts";

/** Three classes on a plane that overlap a little: centres and a common deviation. */
const centres = [
  [-1, -0.6],
  [1, -0.6],
  [0, 1.1],
] as const;
const spread = 0.35;

const classOf = (u: number): number => Math.min(2, Math.floor(3 * u));
/** Data [n, 2] with their classes. */
function draw(seed: number, step: number, n: number) {
  const labels = Array.from(uniforms(seed, "class", step, n), classOf);
  const z = gaussians(seed, "data", step, 2 * n);
  return { labels, data: z.map((v, i) => centres[labels[i >> 1]!]![i % 2]! + spread * v) };
}

/** (x [B, 2], level [B, 1]) -> outputs [B, n]. */
function network(place: Scope, x: Value, level: Value, outputs: number): Value {
  let h = concat([x, level, square(level)], 1);
  for (const i of [0, 1, 2]) h = silu(linear(place.at(`layer${i}`), h, { outputs: 64 }));
  return linear(place.at("out"), h, { outputs });
}

const batch = 256;
/** λ = ln(signal/deviation), scaled to about ±1. */
const levelOf = (signal: number, deviation: number): number => Math.log(signal / deviation) / 4;

/** Denoising score matching: the network's ε is −deviation·score, and its squared error is the score's, weighted by the variance. */
const matchScores = (sde: DiffusionSde, seed: number, steps = 3000) =>
  trainTiny({
    steps,
    rate: 3e-3,
    seed,
    feeds(step) {
      const { data } = draw(seed, step, batch);
      const noise = gaussians(seed, "noise", step, 2 * batch);
      const at = Array.from(uniforms(seed, "t", step, batch), (u) => sde.end + u * (1 - sde.end));
      const x = new Float32Array(2 * batch);
      for (let i = 0; i < 2 * batch; i++) {
        const [m, s] = [sde.signal(at[i >> 1]!), sde.deviation(at[i >> 1]!)];
        x[i] = (m * data[i]! + s * noise[i]!) / Math.hypot(m, s);
      }
      return {
        x: tensor("float32", [batch, 2], x),
        level: tensor(
          "float32",
          [batch, 1],
          at.map((t) => levelOf(sde.signal(t), sde.deviation(t))),
        ),
        noise: tensor("float32", [batch, 2], noise),
      };
    },
    loss: (g, { x, level, noise }) => reduceMean(square(sub(network(scope(g), x!, level!, 2), noise!))),
  });

async function scoreDenoiser(weights: ReadonlyMap<string, Tensor>, n: number): Promise<Denoiser> {
  const session = await openProgram(
    { x: tensor("float32", [n, 2]), level: tensor("float32", [n, 1]) },
    weights,
    (g, { x, level }) => ({ result: network(scope(g), x!, level!, 2) }),
  );
  return (noisy, { time, alpha }) =>
    denoiser<Float32Array>(async () => {
      const level = new Float32Array(n).fill(levelOf(Math.sqrt(alpha), Math.sqrt(1 - alpha)));
      const { result } = await session.run({
        x: tensor("float32", [n, 2], noisy),
        level: tensor("float32", [n, 1], level),
      });
      return result!.data as Float32Array;
    })(noisy, { time, alpha });
}

/** Means, deviations and their truth along both axes, and how often each class comes. */
function compare(x: Float32Array) {
  const n = x.length / 2;
  const errors: number[] = [];
  for (const axis of [0, 1]) {
    const column = Array.from({ length: n }, (_, i) => x[2 * i + axis]!);
    const mean = column.reduce((a, b) => a + b, 0) / n;
    const deviation = Math.sqrt(column.reduce((a, b) => a + (b - mean) ** 2, 0) / n);
    const middle = centres.reduce((sum, c) => sum + c[axis]!, 0) / 3;
    const truth = Math.sqrt(spread ** 2 + centres.reduce((sum, c) => sum + (c[axis]! - middle) ** 2, 0) / 3);
    errors.push(Math.abs(mean - middle) / truth, Math.abs(deviation / truth - 1));
  }
  return errors;
}

const nearestClass = (a: number, b: number): number => {
  const distances = centres.map(([x, y]) => (a - x) ** 2 + (b - y) ** 2);
  return distances.indexOf(Math.min(...distances));
};

const count = 4000;
const sample = async (sampler: Sampler, denoise: Denoiser, scale: number) => {
  const start = gaussians(11, "start", 0, 2 * count).map((v) => v * scale);
  return lastOf(sampler.sample(denoise, start, { noise: (step) => gaussians(12, "walk", step, 2 * count) }), start);
};

describe("score networks by denoising score matching recover the mixture's moments within 5 %", () => {
  test.each([
    ["VP", vpSde(), 1],
    ["VE", veSde({ least: 0.02, most: 20 }), 20],
  ] as const)("%s: predictor-corrector and probability flow", async (_, sde, scale) => {
    const { weights, losses } = await matchScores(sde, 5);
    const late = losses.slice(-200).reduce((a, b) => a + b, 0) / 200;
    expect(late).toBeLessThan(losses.slice(0, 20).reduce((a, b) => a + b, 0) / 20);
    const denoise = await scoreDenoiser(weights, count);
    const walked = await sample(predictorCorrector(sde, { steps: 150 }), denoise, scale);
    for (const error of compare(walked)) expect(error).toBeLessThan(0.05);
    const flowed = await sample(probabilityFlow(sde, { steps: 100 }), denoise, scale);
    for (const error of compare(flowed)) expect(error).toBeLessThan(0.05);
    // Negative control: what was not trained recovers nothing.
    const { weights: raw } = await matchScores(sde, 5, 1);
    const lost = await sample(probabilityFlow(sde, { steps: 100 }), await scoreDenoiser(raw, count), scale);
    expect(Math.max(...compare(lost))).toBeGreaterThan(0.2);
  });
});

test("a time-conditioned classifier of noisy latents: more guidance, more of the class that was wanted", async () => {
  const sde = vpSde();
  const { weights } = await matchScores(sde, 6);
  const { weights: judge } = await trainTiny({
    steps: 2000,
    rate: 3e-3,
    seed: 8,
    feeds(step) {
      const { data, labels } = draw(8, step, batch);
      const noise = gaussians(8, "noise", step, 2 * batch);
      const at = Array.from(uniforms(8, "t", step, batch), (u) => sde.end + u * (1 - sde.end));
      return {
        x: tensor(
          "float32",
          [batch, 2],
          data.map((v, i) => sde.signal(at[i >> 1]!) * v + sde.deviation(at[i >> 1]!) * noise[i]!),
        ),
        level: tensor(
          "float32",
          [batch, 1],
          at.map((t) => levelOf(sde.signal(t), sde.deviation(t))),
        ),
        label: tensor("int64", [batch], labels),
      };
    },
    loss: (g, { x, level, label }) => crossEntropy(network(scope(g), x!, level!, 3), label!),
  });
  const free = await scoreDenoiser(weights, count);
  const wanted = Array.from({ length: count }, (_, i) => i % 3);
  const session = await openProgram(
    { x: tensor("float32", [count, 2]), level: tensor("float32", [count, 1]), label: tensor("int64", [count]) },
    judge,
    (g, { x, level, label }) => ({
      gradient: classifierGradient(x!, label!, (v) => mul(network(scope(g), v, level!, 3), 1)),
    }),
  );
  const gradient = async (noisy: Float32Array, { alpha }: { readonly alpha: number }) => {
    const level = new Float32Array(count).fill(levelOf(Math.sqrt(alpha), Math.sqrt(1 - alpha)));
    const found = await session.run({
      x: tensor("float32", [count, 2], noisy),
      level: tensor("float32", [count, 1], level),
      label: tensor("int64", [count], wanted),
    });
    return found["gradient"]!.data as Float32Array;
  };
  const grid = exponentialGrid(linearSchedule(), { steps: 30 });
  const accuracies: number[] = [];
  for (const scale of [0, 0.25, 0.5, 1, 2, 4]) {
    const x = await sample(uniPc(grid), classifierGuided(free, gradient, scale), 1);
    const right = wanted.filter((label, i) => nearestClass(x[2 * i]!, x[2 * i + 1]!) === label).length;
    accuracies.push(right / count);
  }
  expect(accuracies[0]!).toBeGreaterThan(0.28);
  expect(accuracies[0]!).toBeLessThan(0.39);
  accuracies.slice(1).forEach((a, i) => {
    expect(a, `${accuracies}`).toBeGreaterThan(accuracies[i]! - 0.002);
  });
  expect(accuracies[3]!).toBeGreaterThan(0.9);
  expect(accuracies.at(-1)!).toBeGreaterThan(accuracies[2]!);
});
