import { tensor } from "@prosopon/graph";
import { gaussians } from "@prosopon/random";
import type { Host, Program } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { emotionClassifier } from "./emotion-classifier.ts";
import { randomParameters } from "./random-parameters.test.support.ts";
import { createExpertRunner } from "./run-expert.ts";

let host: Host;
beforeAll(async () => {
  host = await createHost({ kind: "in-process", threads: 1 });
});
afterAll(() => host[Symbol.asyncDispose]());

const expert = emotionClassifier({ architecture: "residual", classes: 4 });
const parameters = randomParameters("", [1, 3, 128, 128], (scope, x) => expert.features(scope, expert.preprocess(x)));
const side = 24;
const stride = 3 * side * side;
const pixels = Float32Array.from(gaussians(2, "images", 0, 34 * stride));
const images = (count: number, from = 0) =>
  tensor("float32", [count, 3, side, side], pixels.slice(from * stride, (from + count) * stride));

test("a stack gives what its images give one by one, whatever batches it falls into", async () => {
  await using runner = createExpertRunner({ host, expert, parameters });
  const alone: number[] = [];
  for (let i = 0; i < 10; i++) alone.push(...(await runner.run(images(1, i))).data);
  expect(new Set(alone).size).toBe(40);
  for (const count of [2, 8, 10]) {
    const { shape, data } = await runner.run(images(count));
    expect(shape).toEqual([count, 4]);
    data.forEach((v, i) => void expect(v).toBeCloseTo(alone[i]!, 4));
  }
});

test("34 images: a batch of 32, then the rest", async () => {
  const loaded: Program[] = [];
  const counting: Host = {
    ...host,
    load(program, options) {
      loaded.push(program);
      return host.load(program, options);
    },
  };
  await using runner = createExpertRunner({ host: counting, expert, parameters });
  const { shape, data } = await runner.run(images(34));
  expect(shape).toEqual([34, 4]);
  const last = await runner.run(images(1, 33));
  last.data.forEach((v, i) => void expect(v).toBeCloseTo(data[33 * 4 + i]!, 4));
  // 32, 8 and 1: one session each, opened once.
  await runner.run(images(34));
  expect(loaded).toHaveLength(3);
});

test("absent weights are named, and tried again next time", async () => {
  const rest = { ...parameters };
  delete rest["head.weight"];
  await using runner = createExpertRunner({ host, expert, parameters: rest });
  for (let i = 0; i < 2; i++)
    await expect(runner.run(images(1))).rejects.toMatchObject({
      code: "not-found",
      message: expect.stringContaining('"head.weight"'),
    });
});

test("what is no stack of colour images is refused", async () => {
  await using runner = createExpertRunner({ host, expert, parameters });
  for (const shape of [
    [1, 1, 4, 4],
    [3, 4, 4],
    [0, 3, 4, 4],
  ])
    await expect(runner.run(tensor("float32", shape))).rejects.toMatchObject({ code: "bad-input" });
});
