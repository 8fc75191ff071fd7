import { add, encodeModel, gradients, graph, input, mul, output, reduceSum, tensor } from "@prosopon/graph";
import { type Expert, scope } from "@prosopon/nn";
import { gaussians } from "@prosopon/random";
import { type Host, tensorOf } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emotionClassifier } from "./emotion-classifier.ts";
import { identityEmbedder } from "./identity-embedder.ts";
import { randomParameters } from "./random-parameters.test.support.ts";

let host: Host;
beforeAll(async () => {
  host = await createHost({ kind: "in-process", threads: 1 });
});
afterAll(() => host[Symbol.asyncDispose]());

const experts: readonly (readonly [Expert, number])[] = [
  [emotionClassifier({ architecture: "plain", classes: 7 }), 7],
  [emotionClassifier({ architecture: "residual", classes: 7 }), 7],
  [identityEmbedder({ architecture: "plain" }), 64],
  [identityEmbedder({ architecture: "residual", size: 32 }), 32],
];

/** The sum of the last feature, each weighted, of images of any size; with its gradient by the image. */
async function judge(expert: Expert, side: number) {
  const shape = [2, 3, side, side];
  const g = graph();
  const image = input(g, "image", "float32", shape);
  const features = expert.features(scope(g), expert.preprocess(image));
  const last = features.at(-1)!;
  const weights = tensor("float32", last.shape, Float32Array.from(gaussians(8, "w", 0, 2 * last.shape[1]!)));
  const loss = reduceSum(mul(last, input(g, "weights", "float32", last.shape)));
  output(g, "last", add(last, 0));
  output(g, "loss", loss);
  output(g, "gradient", gradients(loss, [image])[0]!);
  const build = (place: ReturnType<typeof scope>, x: typeof image) => expert.features(place, expert.preprocess(x));
  const session = await host.load({
    model: encodeModel(g, { parameters: "initializers" }),
    parameters: randomParameters("", shape, build),
  });
  const run = async (x: Float32Array) => session.run({ image: tensor("float32", shape, x), weights });
  return { features, run, session };
}

describe.each(experts)("$name", (expert, size) => {
  test("gives stages from fine to coarse, then its output", () => {
    const g = graph();
    const image = input(g, "image", "float32", [3, 3, 200, 160]);
    const seen = expert.preprocess(image);
    expect(seen.shape).toEqual([3, 3, expert.input.height, expert.input.width]);
    const features = expert.features(scope(g), seen);
    expect(features.at(-1)!.shape).toEqual([3, size]);
    const stages = features.slice(0, -1);
    expect(stages.length).toBeGreaterThan(2);
    const sides = stages.map(({ shape }) => shape[2]!);
    expect(sides).toEqual(sides.toSorted((a, b) => b - a));
    expect(stages.every(({ shape }) => shape[0] === 3)).toBe(true);
  });

  test("is differentiable by the image, down through the resizing", async () => {
    const { run, session } = await judge(expert, 64);
    const count = 2 * 3 * 64 * 64;
    const x = Float32Array.from(gaussians(9, "x", 0, count), (v) => 0.3 * v);
    const direction = Float32Array.from(gaussians(9, "d", 0, count));
    const found = tensorOf(await run(x), "gradient").data as Float32Array;
    const expected = found.reduce((sum, v, i) => sum + v * direction[i]!, 0);
    const step = 1e-3;
    const loss = async (sign: number) => {
      const moved = x.map((v, i) => v + sign * step * direction[i]!);
      return tensorOf(await run(moved), "loss").data[0] as number;
    };
    const measured = ((await loss(1)) - (await loss(-1))) / (2 * step);
    const scale = Math.sqrt(found.reduce((sum, v) => sum + v * v, 0));
    expect(scale).toBeGreaterThan(0);
    // Both images take part: neither half of the gradient is empty.
    for (const half of [found.subarray(0, count / 2), found.subarray(count / 2)])
      expect(half.some((v) => Math.abs(v) > 1e-3 * (scale / Math.sqrt(count)))).toBe(true);
    expect(Math.abs(measured - expected) / scale).toBeLessThan(0.02);
    await session[Symbol.asyncDispose]();
  });
});

test("embeddings have length 1", async () => {
  const { run, session } = await judge(experts[2]![0], 128);
  const x = Float32Array.from(gaussians(10, "x", 0, 2 * 3 * 128 * 128));
  const last = tensorOf(await run(x), "last").data as Float32Array;
  for (const row of [last.subarray(0, 64), last.subarray(64)]) expect(Math.hypot(...row)).toBeCloseTo(1, 5);
  expect(last[0]).not.toBe(last[64]);
  await session[Symbol.asyncDispose]();
});
