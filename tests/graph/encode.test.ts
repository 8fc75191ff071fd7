import {
  constantOf,
  conv,
  encodeModel,
  graph,
  input,
  output,
  parameter,
  reduceSum,
  silu,
  tensor,
} from "@prosopon/graph";
import * as ort from "onnxruntime-node";
import { expect, test } from "vitest";

test("onnxruntime runs what the encoder writes, with parameters as inputs and baked", async () => {
  const g = graph({ name: "small" });
  const x = input(g, "x", "float32", [1, 2, 4, 4]);
  const w = parameter(g, "w", [2, 2, 3, 3]);
  const y = conv(x, w, undefined, { pads: [1, 1, 1, 1] });
  output(g, "sum", reduceSum(silu(y)));
  output(g, "same", y);
  output(g, "again", y);
  output(g, "three", constantOf(g, "float32", 3));
  const xs = Float32Array.from({ length: 32 }, (_, i) => Math.sin(i));
  const ws = Float32Array.from({ length: 36 }, (_, i) => Math.cos(i));
  const a = await ort.InferenceSession.create(encodeModel(g));
  expect(a.inputNames).toEqual(["x", "w"]);
  const feeds = { x: new ort.Tensor("float32", xs, [1, 2, 4, 4]), w: new ort.Tensor("float32", ws, [2, 2, 3, 3]) };
  const first = await a.run(feeds);
  const b = await ort.InferenceSession.create(
    encodeModel(g, { parameters: new Map([["w", tensor("float32", [2, 2, 3, 3], ws)]]) }),
  );
  const second = await b.run({ x: feeds.x });
  expect([...(second["sum"]!.data as Float32Array)]).toEqual([...(first["sum"]!.data as Float32Array)]);
  expect(first["three"]!.data[0]).toBe(3);
  expect(first["again"]!.data).toEqual(first["same"]!.data);
});
