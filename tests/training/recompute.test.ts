import { add, decodeModel, silu, type Tensor, tensor, within } from "@prosopon/graph";
import { adamW, constantRate, conv2d, groupNorm, meanSquaredError } from "@prosopon/nn";
import { gaussians } from "@prosopon/random";
import type { Host } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { compileStep, createTrainer, initialState, type StepProgram } from "@prosopon/training";
import { afterAll, beforeAll, expect, test } from "vitest";
import { peakBytes } from "../graph/peak-bytes.ts";

let host: Host;
beforeAll(async () => {
  host = await createHost({ kind: "in-process", threads: 1, memoryPattern: false });
});
afterAll(() => host[Symbol.asyncDispose]());

const shape = [4, 8, 16, 16];

/** A step that learns to take noise away with a stack of residual blocks; every value of a block stands under its path. */
function step(recompute?: (path: string) => string | undefined, accumulate = 1): StepProgram {
  const micro = [shape[0]! / accumulate, ...shape.slice(1)];
  return compileStep({
    name: "recomputed",
    inputs: { clean: { shape: micro }, noise: { shape: micro } },
    build({ graph, scope, inputs }) {
      let h = add(inputs.clean, inputs.noise);
      for (let i = 0; i < 6; i++)
        h = within(graph, `block.${i}`, () => {
          const block = scope.at(i);
          const normed = silu(groupNorm(block.at("norm"), h, { groups: 4 }));
          const inner = conv2d(block.at("in"), normed, { outputs: 8, kernel: 3, padding: 1 });
          return add(h, conv2d(block.at("out"), silu(inner), { outputs: 8, kernel: 3, padding: 1 }));
        });
      return { losses: { error: meanSquaredError(h, inputs.noise) } };
    },
    losses: { error: { parameters: () => true, optimizer: adamW(), learningRate: constantRate(1e-3) } },
    ...(recompute ? { recompute } : {}),
    accumulate,
  });
}

const plain = step();
const byBlock = (path: string) => /^block\.\d+/.exec(path)?.[0];
/** Bytes of intermediate values alive at once in the very model that the runtime gets. */
const peak = ({ model }: StepProgram): number => peakBytes(decodeModel(model));
const noise = (name: string, of: readonly number[]): Tensor =>
  tensor(
    "float32",
    of,
    gaussians(
      1,
      name,
      0,
      of.reduce((a, b) => a * b, 1),
    ),
  );
const batch = { clean: noise("clean", shape), noise: noise("noise", shape) };

async function trained(program: StepProgram, steps = 3) {
  await using trainer = await createTrainer({ host, program, state: initialState(program, { seed: 1 }) });
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) losses.push((await trainer.run(batch)).losses["error"]!);
  return { losses, state: await trainer.state() };
}

test("a step that computes its blocks again learns the same in less memory", async () => {
  const saving = step(byBlock);
  expect(saving.nodes).toBeGreaterThan(1.05 * plain.nodes);
  expect(peak(saving)).toBeLessThan(0.6 * peak(plain));
  const [expected, found] = [await trained(plain), await trained(saving)];
  expect(new Set(expected.losses).size).toBe(3);
  found.losses.forEach((loss, i) => {
    expect(Math.abs(loss - expected.losses[i]!)).toBeLessThan(1e-5);
  });
  // The first moment is a tenth of the clean gradient of each step; AdamW's own step would magnify rounding of tiny gradients.
  let [largest, furthest] = [0, 0];
  for (const [name, { data }] of expected.state.tensors) {
    if (!name.startsWith("exp_avg/")) continue;
    const other = found.state.tensors.get(name)!.data as Float32Array;
    (data as Float32Array).forEach((value, i) => {
      largest = Math.max(largest, Math.abs(value));
      furthest = Math.max(furthest, Math.abs(value - other[i]!));
    });
  }
  expect(largest).toBeGreaterThan(1e-3);
  expect(furthest).toBeLessThan(1e-3 * largest);
});

test("where no path has a region nothing is saved, and nothing is built twice", () => {
  const same = step(() => undefined);
  expect(same.nodes).toBe(plain.nodes);
  expect(peak(same)).toBe(peak(plain));
});

test("micro-batches need less memory than the long batch, and with recomputation least", () => {
  const long = peak(plain);
  const short = peak(step(undefined, 4));
  expect(short).toBeLessThan(0.5 * long);
  expect(peak(step(byBlock, 4))).toBeLessThan(short);
});
