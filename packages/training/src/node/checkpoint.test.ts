import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Tensor, tensor } from "@prosopon/graph";
import { createHost } from "@prosopon/runtime/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { microData, microModel } from "../micro-model.test.support.ts";
import { train } from "../train.ts";
import { createTrainer } from "../trainer.ts";
import { averagesOf, initialState, type TrainingState, weightsOf } from "../training-state.ts";
import { checkpointFolder, loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "training-"));
});
afterEach(() => rm(folder, { recursive: true }));

const state = (step: number): TrainingState => ({
  step,
  optimizerSteps: { a: step, b: 2 },
  averageUpdates: 3,
  tensors: new Map<string, Tensor>([
    ["weights/x", tensor("float32", [2], [1.5, -0])],
    ["weights/n", tensor("int64", [], [7])],
    ["averages/x", tensor("float32", [2], [3, 4])],
  ]),
});

test("a checkpoint comes back as it was, big seeds too", async () => {
  const file = join(folder, "one.safetensors");
  for (const seed of [5, 2n ** 60n + 1n]) {
    await saveCheckpoint(file, { state: state(9), seed, metadata: { recipe: "micro" } });
    const back = await loadCheckpoint(file);
    expect(back.seed).toBe(seed);
    expect(back.metadata).toEqual({ recipe: "micro" });
    expect({ ...back.state, tensors: Object.fromEntries(back.state.tensors) }).toEqual({
      ...state(9),
      tensors: Object.fromEntries(state(9).tensors),
    });
  }
  expect(Object.fromEntries(weightsOf(state(1)))["x"]!.data[0]).toBe(1.5);
  expect(Object.fromEntries(averagesOf(state(1)))["x"]!.data[0]).toBe(3);
});

test("a folder keeps the newest ones and finds the latest", async () => {
  const checkpoints = checkpointFolder({ folder: join(folder, "run"), keep: 2 });
  expect(await checkpoints.latest()).toBeUndefined();
  for (const step of [5, 10, 15]) await checkpoints.save({ state: state(step), seed: 1, metadata: {} });
  expect((await readdir(join(folder, "run"))).sort()).toEqual([
    "step-00000010.safetensors",
    "step-00000015.safetensors",
  ]);
  await writeFile(join(folder, "run", "step-99999999.safetensors.0.part"), "half written");
  expect((await checkpoints.latest())?.state.step).toBe(15);
});

test("other files are refused", async () => {
  const file = join(folder, "one.safetensors");
  await expect(loadCheckpoint(file)).rejects.toMatchObject({ code: "not-found" });
  await saveCheckpoint(file, { state: state(1), seed: 1, metadata: {} });
  await truncate(file, (await readFile(file)).length - 1);
  await expect(loadCheckpoint(file)).rejects.toMatchObject({ code: "bad-file" });
  const { writeWeights } = await import("@prosopon/weights/node");
  await writeWeights(file, state(1).tensors);
  await expect(loadCheckpoint(file)).rejects.toMatchObject({ code: "bad-file" });
});

test("a run resumed from files, in another trainer, equals an uninterrupted one bit for bit", async () => {
  await using host = await createHost({ kind: "in-process" });
  const program = microModel({ average: {}, layout: "flat" });
  const go = async (from: TrainingState, steps: number, run: string) => {
    const checkpoints = checkpointFolder({ folder: join(folder, run) });
    await using trainer = await createTrainer({ host, program, state: from });
    const save = (state: TrainingState) => checkpoints.save({ state, seed: 5, metadata: {} });
    for await (const _ of train({ trainer, data: microData(), seed: 5, steps, checkpoint: { every: 10, save } }));
    return (await checkpoints.latest())!;
  };
  const start = initialState(program, { seed: 1 });
  const whole = await go(start, 25, "whole");
  const half = await go(start, 12, "parts");
  const resumed = await go(half.state, 25, "parts");
  expect(await readFile(resumed.file)).toEqual(await readFile(whole.file));
});
