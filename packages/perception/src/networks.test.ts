import { encodeModel, graph, input, output, type Tensor, tensor, type Value } from "@prosopon/graph";
import { type Scope, scope } from "@prosopon/nn";
import { gaussians } from "@prosopon/random";
import { type Host, tensorOf } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { landmarkNet } from "./landmark-net.ts";
import { mirroredLandmarks } from "./mirrored-landmarks.ts";
import { randomParameters } from "./random-parameters.test.support.ts";
import { tinyFaceDetector } from "./tiny-face-detector.ts";

let host: Host;
beforeAll(async () => {
  host = await createHost({ kind: "in-process", threads: 1 });
});
afterAll(() => host[Symbol.asyncDispose]());

type Build = (scope: Scope, image: Value) => Value;

async function run(build: Build, prefix: string, image: Tensor<"float32">): Promise<Tensor> {
  const g = graph();
  output(g, "y", build(scope(g, prefix), input(g, "x", "float32", image.shape)));
  const parameters = randomParameters(prefix, image.shape, build);
  await using session = await host.load({ model: encodeModel(g, { parameters: "initializers" }), parameters });
  return tensorOf(await session.run({ x: image }), "y");
}

const noise = (count: number, side: number) =>
  tensor(
    "float32",
    [count, 3, side, side],
    Float32Array.from(gaussians(6, "image", 0, count * 3 * side * side), (v) => 128 + 50 * v),
  );

const mirrored = (image: Tensor<"float32">): Tensor<"float32"> => {
  const side = image.shape[3]!;
  return tensor(
    "float32",
    image.shape,
    image.data.map((_, i) => image.data[i - (i % side) + side - 1 - (i % side)]!),
  );
};

test("the detector's output has a cell for every 32 pixels", () => {
  for (const [side, cells] of [
    [96, 3],
    [320, 10],
    [416, 13],
  ] as const) {
    const g = graph();
    const { shape } = tinyFaceDetector(scope(g), input(g, "x", "float32", [1, 3, side, side]));
    expect(shape).toEqual([1, 25, cells, cells]);
  }
});

test("the networks run, and each image of a batch by itself", async () => {
  const image = noise(2, 112);
  image.data.fill(255, 4 * 112 * 112);
  const both = (await run(landmarkNet, "landmarks", image)).data as Float32Array;
  expect(both.length).toBe(2 * 136);
  expect(both.every(Number.isFinite)).toBe(true);
  const second = tensor("float32", [1, 3, 112, 112], image.data.slice(3 * 112 * 112));
  const alone = (await run(landmarkNet, "landmarks", second)).data as Float32Array;
  const scale = Math.max(...both.map(Math.abs));
  alone.forEach((v, i) => void expect(Math.abs(v - both[136 + i]!) / scale).toBeLessThan(1e-5));
  // Control: the two images are told apart.
  expect(Math.abs(both[0]! - both[136]!) / scale).toBeGreaterThan(1e-3);
});

test("landmarks of a mirror image are the mirrored landmarks, whatever the weights", async () => {
  const image = noise(1, 112);
  const left = [0, 3, 17, 21, 31, 36, 39, 41, 48, 50, 55, 60, 67, 27, 33, 51];
  const right = [16, 13, 26, 22, 35, 45, 42, 46, 54, 52, 59, 64, 65, 27, 33, 51];
  const farthest = async (build: Build) => {
    const a = (await run(build, "landmarks", image)).data as Float32Array;
    const b = (await run(build, "landmarks", mirrored(image))).data as Float32Array;
    const scale = Math.max(...a.map(Math.abs));
    return Math.max(
      ...left.map((l, i) => {
        const r = right[i]!;
        return Math.max(Math.abs(a[2 * l]! - (1 - b[2 * r]!)), Math.abs(a[2 * l + 1]! - b[2 * r + 1]!)) / scale;
      }),
    );
  };
  expect(await farthest(mirroredLandmarks)).toBeLessThan(1e-5);
  // Control: the network alone does not care.
  expect(await farthest(landmarkNet)).toBeGreaterThan(1e-2);
});
