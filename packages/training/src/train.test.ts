import type { Tensor } from "@prosopon/graph";
import { adamW, constantRate } from "@prosopon/nn";
import type { Host } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DataSource } from "./data-source.ts";
import { type MicroModelOptions, microData, microModel } from "./micro-model.test.support.ts";
import { train } from "./train.ts";
import { createTrainer } from "./trainer.ts";
import { averagesOf, initialState, type TrainingState } from "./training-state.ts";

let host: Host;
beforeAll(async () => {
  host = await createHost({ kind: "in-process" });
});
afterAll(() => host[Symbol.asyncDispose]());

interface Run {
  readonly state: TrainingState;
  readonly losses: readonly number[];
}

async function run(options: MicroModelOptions, steps: number, from?: TrainingState): Promise<Run> {
  const program = microModel(options);
  await using trainer = await createTrainer({ host, program, state: from ?? initialState(program, { seed: 1 }) });
  const losses: number[] = [];
  for await (const event of train({ trainer, data: microData(), seed: 5, steps }))
    if (event.event === "step") losses.push(event.losses.error);
  return { state: await trainer.state(), losses };
}

const bits = (tensor: Tensor): string =>
  Buffer.from(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength).toString("hex");
const sameState = (a: TrainingState, b: TrainingState): boolean =>
  a.step === b.step && [...a.tensors].every(([name, one]) => bits(one) === bits(b.tensors.get(name)!));
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe.each(["per-tensor", "flat"] as const)("layout %s", (layout) => {
  test("a small net fits a function", async () => {
    const { losses } = await run({ layout }, 600);
    expect(mean(losses.slice(0, 8))).toBeGreaterThan(0.5);
    expect(mean(losses.slice(-8))).toBeLessThan(0.05);
  });

  test("with learning rate 0 it learns nothing and no weight moves", async () => {
    const { losses, state } = await run({ layout, learningRate: constantRate(0) }, 64);
    expect(mean(losses.slice(-8))).toBeCloseTo(mean(losses.slice(0, 8)), 5);
    const start = initialState(microModel({ layout }), { seed: 1 });
    for (const [name, one] of start.tensors)
      if (name.startsWith("weights/")) expect(bits(state.tensors.get(name)!)).toBe(bits(one));
  });

  test("a resumed run equals an uninterrupted one bit for bit", async () => {
    const options: MicroModelOptions = { layout, clip: 0.5, average: { decay: 0.99 } };
    const whole = await run(options, 30);
    const half = await run(options, 13);
    const resumed = await run(options, 30, half.state);
    expect(resumed.losses).toEqual(whole.losses.slice(13));
    expect(sameState(resumed.state, whole.state)).toBe(true);
  });

  test("without the moments, or at another step, it does not", async () => {
    const whole = await run({ layout }, 30);
    const half = await run({ layout }, 13);
    const fresh = new Map(
      [...half.state.tensors].map(([name, one]) =>
        name.startsWith("exp_avg") ? [name, { ...one, data: new Float32Array(one.data.length) }] : [name, one],
      ),
    );
    expect(sameState((await run({ layout }, 30, { ...half.state, tensors: fresh })).state, whole.state)).toBe(false);
    expect(sameState((await run({ layout }, 30, { ...half.state, optimizerSteps: {} })).state, whole.state)).toBe(
      false,
    );
  });
});

test("both layouts give the same weights", async () => {
  const options: MicroModelOptions = { optimizer: adamW({ weightDecay: 0.1 }), average: {}, clip: 1 };
  const one = await run({ ...options, layout: "flat" }, 20);
  const other = await run({ ...options, layout: "per-tensor" }, 20);
  expect([...one.state.tensors.keys()].sort()).toEqual([...other.state.tensors.keys()].sort());
  for (const [name, tensor] of one.state.tensors) {
    const expected = other.state.tensors.get(name)!.data as Float32Array;
    (tensor.data as Float32Array).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
  }
});

test("frozen parameters stay, and have no moments", async () => {
  const { state } = await run({}, 5);
  expect(state.tensors.get("weights/gain")!.data[0]).toBe(1);
  expect(state.tensors.has("exp_avg/gain")).toBe(false);
});

test.each([
  "flat",
  "per-tensor",
] as const)("validation judges the weights or their averages and moves nothing (%s)", async (layout) => {
  const program = microModel({ layout, clip: 1, average: {} });
  const from = initialState(program, { seed: 1 });
  await using trainer = await createTrainer({ host, program, state: from });
  const batch = await microData().batch(0, 5);
  const first = await trainer.evaluate(batch);
  expect(first.losses).toEqual((await trainer.evaluate(batch, { averages: true })).losses);
  expect((await trainer.run(batch)).losses.error).toBeCloseTo(first.losses.error, 6);
  for (let i = 0; i < 10; i++) await trainer.run(batch);
  const before = await trainer.state();
  const [live, average] = [await trainer.evaluate(batch), await trainer.evaluate(batch, { averages: true })];
  expect(live.losses.error).not.toBe(average.losses.error);
  expect(live.losses.error).toBeCloseTo((await trainer.evaluate(batch)).losses.error, 12);
  expect(Object.keys(live.metrics)).toEqual(["difference"]);
  expect(sameState(await trainer.state(), before)).toBe(true);
  // The averages are weights like others: a trainer that starts from them sees the same loss.
  await using other = await createTrainer({
    host,
    program,
    state: initialState(program, { seed: 1, weights: averagesOf(before) }),
  });
  expect((await other.evaluate(batch)).losses.error).toBe(average.losses.error);
});

test("a batch that fails is reported at its own step", async () => {
  const program = microModel();
  await using trainer = await createTrainer({ host, program, state: initialState(program, { seed: 1 }) });
  const good = microData();
  const data: DataSource = {
    batch: (step, seed) => (step === 2 ? Promise.reject(new Error("no file")) : good.batch(step, seed)),
  };
  const events = train({ trainer, data, seed: 5, steps: 10 });
  expect((await events.next()).value).toMatchObject({ event: "step", step: 1, steps: 10 });
  expect((await events.next()).value).toMatchObject({ event: "step", step: 2 });
  await expect(events.next()).rejects.toThrow("no file");
});

test("leaving the loop saves a last checkpoint, a signal too, and the run can go on", async () => {
  const program = microModel();
  await using trainer = await createTrainer({ host, program, state: initialState(program, { seed: 1 }) });
  const saved: number[] = [];
  const save = async ({ step }: TrainingState) => saved.push(step);
  for await (const event of train({ trainer, data: microData(), seed: 5, steps: 100, checkpoint: { every: 4, save } }))
    if (event.event === "step" && event.step === 6) break;
  expect(saved).toEqual([4, 6]);
  const stop = new AbortController();
  const rest = train({
    trainer,
    data: microData(),
    seed: 5,
    steps: 100,
    checkpoint: { every: 50, save },
    signal: stop.signal,
  });
  await rest.next();
  stop.abort();
  await expect(rest.next()).rejects.toMatchObject({ code: "cancelled" });
  expect(saved).toEqual([4, 6, 7]);
  expect(trainer.step).toBe(7);
});

test("a loss that is not finite stops the run with the state as it was", async () => {
  const program = microModel({ learningRate: (step) => (step === 2 ? Number.NaN : 1e-2) });
  await using trainer = await createTrainer({ host, program, state: initialState(program, { seed: 1 }) });
  const events = train({ trainer, data: microData(), seed: 5, steps: 10 });
  await expect(
    (async () => {
      for await (const _ of events);
    })(),
  ).rejects.toMatchObject({ code: "bad-input" });
  expect(trainer.step).toBe(3);
});
