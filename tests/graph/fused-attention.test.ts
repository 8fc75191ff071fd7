import {
  encodeModel,
  gradients,
  graph,
  input,
  lower,
  output,
  reduceSum,
  sizeOf,
  type Tensor,
  tensor,
} from "@prosopon/graph";
import { attention } from "@prosopon/nn";
import { gaussians } from "@prosopon/random";
import { tensorOf } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { describe, expect, test } from "vitest";

const noise = (name: string, shape: readonly number[]): Tensor =>
  tensor("float32", shape, gaussians(1, name, 0, sizeOf(shape)));

/** `watched`: somebody looks at the attention weights, so that they must be there. */
function built(length: number, keys: number, heads: number, watched: boolean) {
  const g = graph();
  const [q, k, v] = [length, keys, keys].map((n, i) => input(g, `${i}`, "float32", [2, n, 12]));
  output(g, "result", attention(q!, k!, v!, { heads, scale: 0.7 }));
  if (watched) output(g, "weights", g.nodes.find(({ op }) => op === "Softmax")!.outputs[0]!);
  return g;
}

const operators = (g: ReturnType<typeof graph>) =>
  lower(g).nodes.filter(({ op }) => op === "MultiHeadAttention").length;

describe("attention whose weights nobody looks at", () => {
  test.each([
    [128, 128, 3],
    [200, 100, 2],
    [256, 256, 1],
  ])("becomes one node with the same result: %i queries, %i keys, %i heads", async (length, keys, heads) => {
    const [fused, plain] = [built(length, keys, heads, false), built(length, keys, heads, true)];
    expect([operators(fused), operators(plain)]).toEqual([1, 0]);
    await using host = await createHost({ kind: "in-process", threads: 1 });
    const feeds = Object.fromEntries([length, keys, keys].map((n, i) => [`${i}`, noise(`${i}`, [2, n, 12])]));
    const results: Float32Array[] = [];
    for (const g of [fused, plain]) {
      await using session = await host.load({ model: encodeModel(g) });
      results.push(tensorOf(await session.run(feeds), "result").data as Float32Array);
    }
    const [a, b] = results as [Float32Array, Float32Array];
    expect(Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))).toBeLessThan(1e-5);
    expect(Math.max(...b.map(Math.abs))).toBeGreaterThan(0.5);
  });

  test("stays as it is where a gradient needs its weights, and where it is small", () => {
    const trained = built(128, 128, 2, false);
    output(trained, "gradient", gradients(reduceSum(trained.outputs.get("result")!), [trained.inputs[0]!])[0]!);
    expect(operators(trained)).toBe(0);
    expect(operators(built(64, 64, 2, false))).toBe(0);
  });
});
