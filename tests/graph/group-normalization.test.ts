import {
  encodeModel,
  gradients,
  graph,
  groupNormalization,
  input,
  lower,
  mul,
  output,
  reduceSum,
  sizeOf,
  tensor,
} from "@prosopon/graph";
import { gaussians } from "@prosopon/random";
import { tensorOf } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { expect, test } from "vitest";

const plane = [4, 64, 64];
const size = sizeOf(plane);

/** A loss through group normalisation of `batch` pictures, with the gradients of everything. */
function built(batch: number) {
  const g = graph();
  const x = input(g, "x", "float32", [batch, ...plane]);
  const [gamma, beta] = ["gamma", "beta"].map((name) => input(g, name, "float32", [4]));
  const y = groupNormalization(x, gamma!, beta!, { groups: 2, epsilon: 1e-3 });
  const weight = input(g, "weight", "float32", [batch, ...plane]);
  const parts = gradients(reduceSum(mul(y, weight)), [x, gamma!, beta!]);
  for (const [i, value] of [y, ...parts].entries()) output(g, `${i}`, value);
  return g;
}

test("small and large batches, which are computed in two ways, agree with their gradients", async () => {
  const [small, large] = [built(4), built(12)];
  const rows = (g: typeof small) => lower(g).nodes.filter(({ op }) => op === "LayerNormalization").length;
  expect([rows(small), rows(large)]).toEqual([1, 0]);
  const [x, weight] = ["x", "weight"].map((name) => gaussians(3, name, 0, 12 * size).map((v) => v + 0.5));
  const shared = { gamma: tensor("float32", [4], [1, 2, -1, 0.5]), beta: tensor("float32", [4], [0, 1, 2, -3]) };
  await using host = await createHost({ kind: "in-process", threads: 1 });
  const run = async (g: typeof small, batch: number, start: number) => {
    const part = (data: Float32Array) =>
      tensor("float32", [batch, ...plane], data.slice(start * size, (start + batch) * size));
    await using session = await host.load({ model: encodeModel(g) });
    const outputs = await session.run({ x: part(x!), weight: part(weight!), ...shared });
    return [0, 1, 2, 3].map((i) => Array.from(tensorOf(outputs, `${i}`).data as Float32Array));
  };
  const whole = await run(large, 12, 0);
  const parts = [await run(small, 4, 0), await run(small, 4, 4), await run(small, 4, 8)];
  const apart = (a: readonly number[], b: readonly number[]) =>
    a.reduce((worst, v, i) => Math.max(worst, Math.abs(v - b[i]!)), 0) / Math.max(...b.slice(0, 1000).map(Math.abs));
  for (const i of [0, 1])
    expect(
      apart(
        whole[i]!,
        parts.flatMap((part) => part[i]!),
      ),
    ).toBeLessThan(1e-4);
  for (const i of [2, 3])
    expect(
      apart(
        whole[i]!,
        whole[i]!.map((_, k) => parts.reduce((sum, part) => sum + part[i]![k]!, 0)),
      ),
    ).toBeLessThan(1e-4);
});
