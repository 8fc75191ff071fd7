import { encodeModel, graph, input, output, tensor } from "@prosopon/graph";
import { createHost } from "@prosopon/runtime/node";
import { expect, test } from "vitest";
import { interpolateFrames } from "./interpolate-frames.ts";

async function interpolated(values: readonly number[], frames: number): Promise<number[]> {
  await using host = await createHost({ kind: "in-process", threads: 1 });
  const g = graph();
  output(g, "y", interpolateFrames(input(g, "x", "float32", [1, values.length, 1]), frames));
  const session = await host.load({ model: encodeModel(g, { parameters: "initializers" }) });
  const { y } = await session.run({ x: tensor("float32", [1, values.length, 1], values) });
  return [...(y!.data as Float32Array)];
}

test("the reference's four values become seven", async () => {
  const found = await interpolated([0.332444131, -0.249538556, 0.453411639, -0.180241585], 7);
  const expected = [0.332444131, 0.041452788, -0.249538556, 0.101936541, 0.453411639, 0.136585027, -0.180241585];
  expected.forEach((value, i) => void expect(found[i]).toBeCloseTo(value, 6));
});

test("a line stays a line, its ends meet, one frame is the first", async () => {
  const line = (n: number) => Array.from({ length: n }, (_, i) => (2 * i) / (n - 1) - 1);
  for (const frames of [2, 5, 33]) {
    const found = await interpolated(line(17), frames);
    line(frames).forEach((value, i) => void expect(found[i]).toBeCloseTo(value, 5));
  }
  expect(await interpolated([3, 4, 5], 1)).toEqual([3]);
  expect(await interpolated([3], 4)).toEqual([3, 3, 3, 3]);
});
