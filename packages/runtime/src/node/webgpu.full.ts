import { type Tensor, tensor } from "@prosopon/graph";
import { afterAll, describe, expect, test } from "vitest";
import { tensorOf } from "../outputs.ts";
import { hostConformance, type TinyModel, tinyModel } from "../testing.ts";
import { createHost } from "./create-host.ts";
import { devices } from "./devices.ts";

// Any Vulkan will do, also a software one: VK_ICD_FILENAMES=.../vk_swiftshader_icd.json (Debian's chromium-common holds SwiftShader).
const webgpu = (await devices()).find(({ name }) => name === "webgpu");
const reason = webgpu?.available ? "" : ` (skipped: ${webgpu?.reason})`;

/** Values in [-1, 1] without a pattern. */
const waves = (...shape: number[]): Tensor =>
  tensor(
    "float32",
    shape,
    Float32Array.from(tensor("float32", shape).data, (_, i) => Math.sin(i * i + shape.length)),
  );

const cases: readonly { readonly name: string; readonly model: TinyModel; readonly feeds: Record<string, Tensor> }[] = [
  {
    name: "MatMul",
    model: {
      inputs: { a: { shape: [2, 33, 65] }, b: { shape: [2, 65, 17] } },
      outputs: { y: { shape: [2, 33, 17] } },
      nodes: [{ operator: "MatMul", inputs: ["a", "b"], outputs: ["y"] }],
    },
    feeds: { a: waves(2, 33, 65), b: waves(2, 65, 17) },
  },
  {
    name: "Conv",
    model: {
      inputs: { x: { shape: [2, 5, 16, 16] }, w: { shape: [7, 5, 3, 3] }, b: { shape: [7] } },
      outputs: { y: { shape: [2, 7, 8, 8] } },
      nodes: [
        {
          operator: "Conv",
          inputs: ["x", "w", "b"],
          outputs: ["y"],
          attributes: { pads: [1, 1, 1, 1], strides: [2, 2], kernel_shape: [3, 3] },
        },
      ],
    },
    feeds: { x: waves(2, 5, 16, 16), w: waves(7, 5, 3, 3), b: waves(7) },
  },
  {
    name: "Softmax",
    model: {
      inputs: { x: { shape: [4, 50] } },
      outputs: { y: { shape: [4, 50] } },
      nodes: [{ operator: "Softmax", inputs: ["x"], outputs: ["y"], attributes: { axis: 1 } }],
    },
    feeds: { x: waves(4, 50) },
  },
];

test.runIf(process.env["VK_ICD_FILENAMES"])("the driver that VK_ICD_FILENAMES names works", () => {
  expect(webgpu).toMatchObject({ available: true });
});

describe.skipIf(!webgpu?.available)(`WebGPU${reason}`, () => {
  for (const { name, model, feeds } of cases)
    test(`${name} computes what the CPU computes, on the device`, async () => {
      await using there = await createHost({ device: "webgpu", cpuFallback: false });
      await using here = await createHost();
      const results = await Promise.all(
        [there, here].map(async (host) => {
          await using session = await host.load({ model: tinyModel(model) });
          return tensorOf(await session.run(feeds), "y");
        }),
      );
      const [gpu, cpu] = results.map(({ data }) => [...data].map(Number)) as [number[], number[]];
      const difference = Math.max(...gpu.map((value, i) => Math.abs(value - (cpu[i] ?? Number.NaN))));
      expect(gpu.length).toBe(cpu.length);
      expect(Math.max(...cpu.map(Math.abs))).toBeGreaterThan(0.02);
      expect(difference).toBeLessThan(1e-4);
    });

  describe("conformance", async () => {
    const host = webgpu?.available ? await createHost({ device: "webgpu", modelCacheSize: 3 }) : undefined;
    afterAll(() => host?.[Symbol.asyncDispose]());
    for (const { name, check } of hostConformance()) test(name, () => check(host as NonNullable<typeof host>));
  });
});
