import { reduceMean, square, type Tensor, tensor } from "@prosopon/graph";
import { adam, batchNorm, constantRate, linear } from "@prosopon/nn";
import { gaussians } from "@prosopon/random";
import type { Host } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileStep } from "./compile-step.ts";
import { takeRows } from "./data-source.ts";
import { type MicroModelOptions, microData, microModel } from "./micro-model.test.support.ts";
import { train } from "./train.ts";
import { createTrainer } from "./trainer.ts";
import { initialState, type TrainingState } from "./training-state.ts";

let host: Host;
beforeAll(async () => {
  host = await createHost({ kind: "in-process", threads: 1 });
});
afterAll(() => host[Symbol.asyncDispose]());

const numbers = (one: Tensor | undefined): readonly number[] =>
  Array.from(one!.data as ArrayLike<number | bigint>, Number);

/** Trains on `feeds` of what the data give. */
async function run(
  options: MicroModelOptions,
  steps: number,
  { from, rows }: { from?: TrainingState; rows?: number[] },
) {
  const program = microModel(options);
  await using trainer = await createTrainer({ host, program, state: from ?? initialState(program, { seed: 1 }) });
  const whole = microData();
  const data = {
    async batch(step: number, seed: string | number | bigint) {
      const feeds = (await whole.batch(step, seed as number)) as Record<string, Tensor>;
      return Object.fromEntries(Object.entries(feeds).map(([k, one]) => [k, rows ? takeRows(one, rows) : one]));
    },
  };
  const [losses, norms, differences] = [[] as number[], [] as number[], [] as (readonly number[])[]];
  for await (const event of train({ trainer, data, seed: 5, steps }))
    if (event.event === "step") {
      losses.push(event.losses.error);
      norms.push(numbers(event.metrics["gradientNorm/error"])[0]!);
      expect(event.metrics["difference"]!.shape).toEqual([8, 2]);
      differences.push(numbers(event.metrics["difference"]));
    }
  return { state: await trainer.state(), losses, norms, differences };
}

const furthest = (a: TrainingState, b: TrainingState): number =>
  Math.max(
    ...[...a.tensors].flatMap(([name, one]) =>
      numbers(one).map((value, i) => Math.abs(value - numbers(b.tensors.get(name))[i]!)),
    ),
  );

test.each(["flat", "per-tensor"] as const)("micro-batches make the step of the long batch (%s)", async (layout) => {
  const options: MicroModelOptions = { layout, clip: 0.3, average: { decay: 0.9 } };
  const long = await run(options, 20, {});
  for (const accumulate of [2, 4]) {
    const short = await run({ ...options, accumulate }, 20, {});
    expect([...short.state.tensors.keys()].sort()).toEqual([...long.state.tensors.keys()].sort());
    expect(furthest(short.state, long.state)).toBeLessThan(1e-5);
    for (const what of ["losses", "norms"] as const)
      short[what].forEach((value, i) => {
        expect(value).toBeCloseTo(long[what][i]!, 5);
      });
    short.differences.flat().forEach((value, i) => {
      expect(value).toBeCloseTo(long.differences.flat()[i]!, 4);
    });
  }
  // Were only the last micro-batch used, the state would be that of its rows alone.
  const last = await run(options, 20, { rows: [6, 7, 6, 7, 6, 7, 6, 7] });
  expect(furthest(last.state, long.state)).toBeGreaterThan(1e-3);
});

test("a resumed run that accumulates equals an uninterrupted one bit for bit", async () => {
  const options: MicroModelOptions = { layout: "flat", clip: 0.3, average: { decay: 0.9 }, accumulate: 4 };
  const whole = await run(options, 12, {});
  const half = await run(options, 5, {});
  const resumed = await run(options, 12, { from: half.state });
  expect(resumed.losses).toEqual(whole.losses.slice(5));
  expect(furthest(resumed.state, whole.state)).toBe(0);
  expect(furthest(half.state, whole.state)).toBeGreaterThan(0);
});

test("validation takes the long batch too, and what cannot be divided is refused and changes nothing", async () => {
  const program = microModel({ accumulate: 4 });
  await using trainer = await createTrainer({ host, program, state: initialState(program, { seed: 1 }) });
  const feeds = (await microData().batch(0, 5)) as Record<string, Tensor>;
  const judged = await trainer.evaluate(feeds);
  expect(judged.losses.error).toBeCloseTo((await trainer.run(feeds)).losses.error, 6);
  expect(judged.metrics["difference"]!.shape).toEqual([8, 2]);
  const before = await trainer.state();
  const rows = (count: number) =>
    Object.fromEntries(Object.entries(feeds).map(([k, one]) => [k, takeRows(one, [...Array(count).keys()])]));
  await expect(trainer.run(rows(6))).rejects.toThrow('"x" is [6,3]; 4 micro-batches make [8,3]');
  await expect(trainer.run(rows(2))).rejects.toThrow("Feed 4 times as many rows");
  const poisoned = { ...feeds, x: tensor("float32", [8, 3], [...numbers(feeds["x"]).slice(0, 23), Number.NaN]) };
  await expect(trainer.run(poisoned)).rejects.toThrow('The loss "error" is NaN');
  expect(furthest(await trainer.state(), before)).toBe(0);
  expect(trainer.step).toBe(1);
  await trainer.run(feeds);
  expect(furthest(await trainer.state(), before)).toBeGreaterThan(0);
});

test("buffers see every micro-batch in turn", async () => {
  const program = compileStep({
    name: "normed",
    inputs: { x: { shape: [3, 2] } },
    accumulate: 3,
    build({ scope, inputs: { x }, updates }) {
      const y = batchNorm(scope.at("norm"), linear(scope.at("in"), x, { outputs: 2 }), { updates });
      return { losses: { error: reduceMean(square(y)) } };
    },
    losses: { error: { parameters: () => true, optimizer: adam(), learningRate: constantRate(0) } },
  });
  await using trainer = await createTrainer({ host, program, state: initialState(program, { seed: 1 }) });
  const x = gaussians(1, "x", 0, 18);
  await trainer.run({ x: tensor("float32", [9, 2], x) });
  const after = (await trainer.state()).tensors;
  expect(numbers(after.get("weights/norm.num_batches_tracked"))).toEqual([3]);
  const [w, b] = [numbers(after.get("weights/in.weight")), numbers(after.get("weights/in.bias"))];
  let mean = 0;
  for (let i = 0; i < 3; i++) {
    const rows = [0, 1, 2].map((n) => x[i * 6 + n * 2]! * w[0]! + x[i * 6 + n * 2 + 1]! * w[1]! + b[0]!);
    mean = 0.9 * mean + 0.1 * (rows.reduce((sum, v) => sum + v, 0) / 3);
  }
  expect(numbers(after.get("weights/norm.running_mean"))[0]).toBeCloseTo(mean, 5);
});

test.each([0, 1.5, -2])("%s micro-batches are refused", (accumulate) => {
  expect(() => microModel({ accumulate })).toThrow(`A step cannot accumulate ${accumulate} micro-batches.`);
});
