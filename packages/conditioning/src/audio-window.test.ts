import { graph, type Tensor, tensor } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { gaussians } from "@prosopon/random";
import { expect, test } from "vitest";
import { type AudioWindowOptions, audioWindow } from "./audio-window.ts";
import { checkConditionEncoder } from "./condition-conformance.ts";
import { controls } from "./controls.ts";

const random = (shape: readonly number[], step: number): Tensor<"float32"> =>
  tensor(
    "float32",
    shape,
    Float32Array.from(
      gaussians(
        1,
        "window",
        step,
        shape.reduce((a, b) => a * b, 1),
      ),
    ),
  );

const kinds: readonly (readonly [AudioWindowOptions, number])[] = [
  [{ before: 4, after: 4, features: 160, size: 96 }, 96],
  [{ before: 6, after: 1, features: 24, size: 8, hidden: 16, absent: "zero" }, 8],
  [{ before: 2, after: 2, features: 768, encode: "temporal-attention" }, 768],
  [{ before: 2, after: 2, features: 29, encode: "expanded-temporal-attention", absent: "token" }, 64],
];

test.each(kinds)("%o conforms", async (options, size) => {
  const encoder = audioWindow(options);
  const shape = [options.before + 1 + options.after, options.features];
  await checkConditionEncoder(encoder, [random(shape, 0), random(shape, 1)]);
  expect(encoder.size).toBe(size);
  const { code } = encoder.encode(scope(graph()), { batch: 3, name: "audio" });
  expect(code.shape).toEqual([3, 1, size]);
});

test.each([
  [1, 482_797],
  [2, 482_815],
  [4, 482_875],
  [8, 483_091],
  [16, 483_907],
])("w = %i: the reference's number of parameters", (w, count) => {
  const top = scope(graph());
  audioWindow({ before: w, after: w, features: 768, encode: "temporal-attention" }).encode(
    top.at("cond_stage_model_2"),
    { batch: 1, name: "audio" },
  );
  expect([...top.parameters.values()].reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0)).toBe(count);
});

test("the reference's number of parameters for logits", () => {
  const top = scope(graph());
  audioWindow({ before: 4, after: 4, features: 29, encode: "expanded-temporal-attention" }).encode(top, {
    batch: 1,
    name: "audio",
  });
  expect([...top.parameters.values()].reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0)).toBe(23_399);
});

test("controls conform, and want every number", async () => {
  const head = controls({ names: ["yaw", "pitch", "blink"], size: 16 });
  await checkConditionEncoder(head, [
    { yaw: 0, pitch: 0.1, blink: 1 },
    { yaw: -0.3, pitch: 0, blink: 0 },
  ]);
  await expect(head.feeds([{ yaw: 0, pitch: Number.NaN, blink: 0 }], { name: "head" })).rejects.toThrow(
    'The control "pitch" of sample 0 is NaN',
  );
  expect(() => controls({ names: ["yaw", "yaw"], size: 2 })).toThrow("repeat");
});

test("wrong windows and contradictory options are named", async () => {
  const encoder = audioWindow({ before: 1, after: 1, features: 4, size: 2, hidden: 8 });
  await expect(encoder.feeds([random([3, 5], 0)], { name: "a" })).rejects.toThrow("[3,4], but sample 0 gives [3,5]");
  const broken = random([3, 4], 0);
  broken.data[5] = Number.POSITIVE_INFINITY;
  await expect(encoder.feeds([broken], { name: "a" })).rejects.toThrow("Infinity at 5");
  expect(() => audioWindow({ before: 1, after: 1, features: 4 })).toThrow("size is missing");
  expect(() => audioWindow({ before: 1, after: 1, features: 4, size: 9, encode: "temporal-attention" })).toThrow(
    "own size",
  );
});
