import { graph, input, type Tensor, tensor } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { gaussians } from "@prosopon/random";
import type { Host } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createExpertDistance, createLpips } from "./create-lpips.ts";
import { emotionClassifier } from "./emotion-classifier.ts";
import { lpipsDistance } from "./lpips-distance.ts";
import { lpipsParameters } from "./lpips-parameters.ts";
import { lpipsTrunk } from "./lpips-trunk.ts";
import { randomParameters } from "./random-parameters.test.support.ts";

let host: Host;
beforeAll(async () => {
  host = await createHost({ kind: "in-process", threads: 1 });
});
afterAll(() => host[Symbol.asyncDispose]());

const noise = (name: string, count = 1, side = 32) =>
  tensor("float32", [count, 3, side, side], Float32Array.from(gaussians(3, name, 0, count * 3 * side * side)));

test("stages of the trunks have the sizes of torchvision's", () => {
  const shapes = (trunk: "alex" | "vgg" | "squeeze") => {
    const g = graph();
    return lpipsTrunk(scope(g), input(g, "x", "float32", [1, 3, 128, 128]), trunk).map(({ shape }) =>
      shape.slice(1, 3),
    );
  };
  expect(shapes("alex")).toEqual([
    [64, 31],
    [192, 15],
    [384, 7],
    [256, 7],
    [256, 7],
  ]);
  expect(shapes("vgg")).toEqual([
    [64, 128],
    [128, 64],
    [256, 32],
    [512, 16],
    [512, 8],
  ]);
  // Pools that round up: 63 -> 31, 31 -> 15, 15 -> 7.
  expect(shapes("squeeze")).toEqual([
    [64, 63],
    [128, 31],
    [256, 15],
    [384, 7],
    [384, 7],
    [512, 7],
    [512, 7],
  ]);
});

test("distances: 0 of the same, one for each pair, the same whatever the batch", async () => {
  const parameters = randomParameters("", [1, 3, 32, 32], (place, x) => lpipsDistance(place, x, x, "alex"));
  await using judge = createLpips({ host, trunk: "alex", parameters });
  const [a, b] = [noise("a", 2), noise("b", 2)];
  expect(await judge.distances(a, a)).toEqual([0, 0]);
  const both = await judge.distances(a, b);
  const half = (t: typeof a) => tensor("float32", [1, 3, 32, 32], t.data.slice(t.data.length / 2));
  const [second] = await judge.distances(half(a), half(b));
  expect(both[1]).toBeCloseTo(second!, 5);
  expect(both[0]).not.toBeCloseTo(both[1]!, 5);
  await expect(judge.distances(a, noise("c"))).rejects.toThrow(/cannot compare/);
  await expect(judge.distances(noise("c", 1, 16), noise("d", 1, 16))).rejects.toThrow(/31 pixels or more/);
});

test("an expert's stages: 0 of the same, symmetric, more for a stronger change", async () => {
  const expert = emotionClassifier({ architecture: "plain", classes: 3 });
  const parameters = randomParameters("", [1, 3, 128, 128], (place, x) => expert.features(place, x));
  await using judge = createExpertDistance({ host, expert, parameters });
  const image = noise("image", 1, 128);
  const changed = (by: number) =>
    tensor(
      "float32",
      image.shape,
      image.data.map((v, i) => v + by * noiseAt[i]!),
    );
  const noiseAt = noise("change", 1, 128).data;
  const [none] = await judge.distances(image, image);
  const [little] = await judge.distances(image, changed(0.1));
  const [much] = await judge.distances(image, changed(1));
  const [back] = await judge.distances(changed(1), image);
  expect(none).toBe(0);
  expect(little).toBeGreaterThan(0);
  expect(much).toBeGreaterThan(little!);
  expect(back).toBeCloseTo(much!, 5);
});

test("absent tensors are named", async () => {
  const empty = { names: [], read: async (): Promise<Tensor> => tensor("float32", []) };
  await expect(lpipsParameters("squeeze", { trunk: empty })).rejects.toMatchObject({ code: "not-found" });
});
