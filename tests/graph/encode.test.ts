import {
  constantOf,
  conv,
  encodeModel,
  graph,
  groupNormalization,
  input,
  output,
  parameter,
  reduceSum,
  silu,
  tensor,
} from "@prosopon/graph";
import { expect, test } from "vitest";
import { tensorMessage } from "../../packages/graph/src/encode/tensor-message.ts";
import { modelMessage } from "../../packages/graph/src/protobuf/messages.ts";
import { runModel } from "./run-model.ts";

const g = graph({ name: "small" });
const x = input(g, "x", "float32", [1, 2, 4, 4]);
const w = parameter(g, "w", [2, 2, 3, 3]);
const y = conv(x, w, undefined, { pads: [1, 1, 1, 1] });
output(g, "sum", reduceSum(silu(y)));
output(g, "same", y);
output(g, "again", y);
output(g, "three", constantOf(g, "float32", 3));
output(
  g,
  "normal",
  groupNormalization(y, constantOf(g, "float32", [1, 1]), constantOf(g, "float32", [0, 0]), { groups: 2 }),
);

const feeds = {
  x: tensor(
    "float32",
    [1, 2, 4, 4],
    Array.from({ length: 32 }, (_, i) => Math.sin(i)),
  ),
};
const weights = tensor(
  "float32",
  [2, 2, 3, 3],
  Array.from({ length: 36 }, (_, i) => Math.cos(i)),
);

test("onnxruntime gives the same with parameters as inputs, baked in, and appended as initializers", async () => {
  const asInputs = await runModel(encodeModel(g), { ...feeds, w: weights });
  const baked = await runModel(encodeModel(g, { parameters: new Map([["w", weights]]) }), feeds);
  const open = encodeModel(g, { parameters: "initializers" });
  const more = modelMessage.encode({ graph: { initializer: [tensorMessage(weights, "w")] } }).finish();
  const appended = await runModel(Uint8Array.from([...open, ...more]), feeds);
  expect(Object.keys(asInputs)).toEqual(["sum", "same", "again", "three", "normal"]);
  expect(baked).toEqual(asInputs);
  expect(appended).toEqual(asInputs);
  await expect(runModel(open, feeds)).rejects.toThrow(/w/);
});

test("outputs are what they were named: shared values, constants, lowered operators", async () => {
  const found = await runModel(encodeModel(g), { ...feeds, w: weights });
  expect(found["again"]!.data).toEqual(found["same"]!.data);
  expect([...(found["three"]!.data as Float32Array)]).toEqual([3]);
  const values = found["same"]!.data as Float32Array;
  const sum = values.reduce((a, v) => a + v / (1 + Math.exp(-v)), 0);
  expect((found["sum"]!.data as Float32Array)[0]).toBeCloseTo(sum, 3);
  const first = values.subarray(0, 16);
  const mean = first.reduce((a, v) => a + v, 0) / 16;
  const variance = first.reduce((a, v) => a + (v - mean) ** 2, 0) / 16;
  first.forEach((v, i) => {
    expect((found["normal"]!.data as Float32Array)[i]).toBeCloseTo((v - mean) / Math.sqrt(variance + 1e-5), 4);
  });
});
