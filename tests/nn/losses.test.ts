import { constant, gradients, input, type Tensor, tensor } from "@prosopon/graph";
import {
  cosineDistance,
  crossEntropy,
  hingeDiscriminator,
  hingeGenerator,
  meanAbsoluteError,
  meanSquaredError,
} from "@prosopon/nn";
import { gaussians } from "@prosopon/random";
import { expect, test } from "vitest";
import { distance, evaluate } from "./evaluate.ts";

const row = (...values: number[]): Tensor => tensor("float32", [values.length], values);

test("regression and hinge losses", async () => {
  const { outputs } = await evaluate((s) => {
    const [a, b] = [constant(s.graph, row(1, -2, 3)), constant(s.graph, row(0, 0.5, 5))];
    return {
      squared: meanSquaredError(a, b),
      absolute: meanAbsoluteError(a, b),
      discriminator: hingeDiscriminator(a, b),
      generator: hingeGenerator(a),
    };
  });
  expect(outputs["squared"]![0]).toBeCloseTo((1 + 6.25 + 4) / 3, 5);
  expect(outputs["absolute"]![0]).toBeCloseTo((1 + 2.5 + 2) / 3, 5);
  // relu(1 - real) = 0, 3, 0; relu(1 + fake) = 1, 1.5, 6.
  expect(outputs["discriminator"]![0]).toBeCloseTo(0.5 * (3 / 3 + 8.5 / 3), 5);
  expect(outputs["generator"]![0]).toBeCloseTo(-2 / 3, 5);
});

test("cross entropy and its gradient are the closed forms", async () => {
  const [batch, classes, length] = [3, 5, 2];
  const logits = tensor("float32", [batch, classes, length], gaussians(1, "logits", 0, 30));
  const labels = [4, 0, 2, 2, 1, 3];
  const { outputs } = await evaluate(
    (s) => {
      const x = input(s.graph, "x", "float32", [batch, classes, length]);
      const loss = crossEntropy(x, constant(s.graph, tensor("int64", [batch, length], labels)));
      return { loss, gradient: gradients(loss, [x])[0]! };
    },
    { x: logits },
  );
  const at = (n: number, c: number, l: number) => logits.data[(n * classes + c) * length + l]!;
  const sum = (n: number, l: number) => [0, 1, 2, 3, 4].reduce((total, c) => total + Math.exp(at(n, c, l)), 0);
  let loss = 0;
  const gradient: number[] = [];
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < classes; c++)
      for (let l = 0; l < length; l++) {
        const hit = labels[n * length + l] === c;
        const p = Math.exp(at(n, c, l)) / sum(n, l);
        if (hit) loss -= Math.log(p) / 6;
        gradient.push((p - (hit ? 1 : 0)) / 6);
      }
  expect(outputs["loss"]![0]).toBeCloseTo(loss, 5);
  expect(distance(outputs["gradient"]!, gradient)).toBeLessThan(1e-6);
});

test("cross entropy refuses labels of another shape or type", async () => {
  const build = (labels: Tensor) =>
    evaluate((s) => ({ y: crossEntropy(input(s.graph, "x", "float32", [2, 3]), constant(s.graph, labels)) }));
  await expect(build(tensor("int64", [3], [0, 1, 2]))).rejects.toMatchObject({ code: "bad-input" });
  await expect(build(tensor("int32", [2], [0, 1]))).rejects.toMatchObject({ code: "bad-input" });
});

test("cosine distance ignores lengths, and a zero vector has a finite gradient", async () => {
  const { outputs } = await evaluate((s) => {
    const a = constant(s.graph, tensor("float32", [4, 2], [3, 0, 1, 1, 0, -5, 0, 0]));
    const b = constant(s.graph, tensor("float32", [4, 2], [2, 0, -1, -1, 7, 0, 1, 2]));
    const loss = cosineDistance(a, b);
    return { loss, gradient: gradients(loss, [a])[0]! };
  });
  expect(outputs["loss"]![0]).toBeCloseTo((0 + 2 + 1 + 1) / 4, 5);
  expect(outputs["gradient"]!.every(Number.isFinite)).toBe(true);
});
