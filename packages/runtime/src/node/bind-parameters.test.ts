import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allocate, bytesPerElement, sizeOf, tensor } from "@prosopon/graph";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tensorOf } from "../outputs.ts";
import type { ByteRange, Program } from "../program.ts";
import { tinyModel } from "../tiny-model.ts";
import { bindParameters } from "./bind-parameters.ts";
import { inProcessHost } from "./in-process-host.ts";
import { widened } from "./read-range.ts";

const host = inProcessHost();
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "prosopon-"));
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** A file of `skip` bytes of rubbish, the elements, and rubbish again. */
async function range(name: string, skip: number, value: ReturnType<typeof tensor>): Promise<ByteRange> {
  const file = join(folder, name);
  const { dtype, shape, data } = value;
  const content = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  await writeFile(file, Buffer.concat([Buffer.alloc(skip, 0xab), content, Buffer.alloc(5, 0xab)]));
  return { file, offset: skip, length: sizeOf(shape) * bytesPerElement[dtype], dtype, shape };
}

/** y = x + w. */
const sum = (size: number, bind: "initializers" | "inputs") => {
  const value = { shape: [size] };
  return tinyModel({
    inputs: bind === "inputs" ? { x: value, w: value } : { x: value },
    outputs: { y: value },
    nodes: [{ operator: "Add", inputs: ["x", "w"], outputs: ["y"] }],
  });
};

async function ran(program: Program, size: number) {
  await using session = await host.load(program);
  return tensorOf(await session.run({ x: tensor("float32", [size]) }), "y").data;
}

for (const bind of ["initializers", "inputs"] as const)
  for (const [what, size, skip] of [
    ["a small range", 7, 12],
    ["a big range, which is mapped", 40_000, 12],
    ["a big range at an odd place, which is copied", 40_000, 13],
  ] as const)
    test(`${what} as ${bind}`, async () => {
      const w = tensor(
        "float32",
        [size],
        Float32Array.from({ length: size }, (_, i) => Math.sin(i)),
      );
      const parameters = { w: await range(`${bind}-${size}-${skip}`, skip, w) };
      expect(await ran({ model: sum(size, bind), parameters, bind }, size)).toEqual(w.data);
    });

test("a big float32 range stays out of the model, a tensor goes in", async () => {
  const w = tensor("float32", [40_000]);
  const model = sum(40_000, "initializers");
  const mapped = await bindParameters({ model, parameters: { w: await range("mapped", 0, w) } });
  expect(mapped.model.length - model.length).toBeLessThan(1000);
  const copied = await bindParameters({ model, parameters: { w } });
  expect(copied.model.length - model.length).toBeGreaterThan(160_000);
  expect(await bindParameters({ model })).toMatchObject({ model, fed: {} });
});

for (const bind of ["initializers", "inputs"] as const)
  test(`float16 ranges arrive as float32 as ${bind}`, async () => {
    const w = tensor("float16", [4], [0x3c00, 0xc000, 0x0001, 0x7bff]);
    const parameters = { w: await range(`half-${bind}`, 2, w) };
    expect([...(await ran({ model: sum(4, bind), parameters, bind }, 4))]).toEqual([1, -2, 2 ** -24, 65504]);
  });

test("every float16 is widened as the runtime's own Cast does it", async () => {
  const halves = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const shape = [65536];
  const model = tinyModel({
    inputs: { x: { dtype: "float16", shape } },
    outputs: { y: { shape } },
    nodes: [{ operator: "Cast", inputs: ["x"], outputs: ["y"], attributes: { to: 1 } }],
  });
  await using session = await host.load({ model });
  const truth = tensorOf(await session.run({ x: tensor("float16", shape, halves) }), "y").data;
  expect(widened(halves)).toEqual(truth);
});

test("a file that ends too soon is named", async () => {
  const w = await range("short", 0, tensor("float32", [4]));
  const long = { ...w, length: 32, shape: [8] };
  const loading = host.load({ model: sum(8, "initializers"), parameters: { w: long } });
  await expect(loading).rejects.toMatchObject({ code: "bad-file", message: expect.stringContaining(w.file) });
});

test("more than protobuf holds is refused before it is copied", async () => {
  // The same half gigabyte five times: nothing is joined, so nothing more is allocated.
  const half = tensor("uint8", [2 ** 29], allocate("uint8", 2 ** 29));
  const parameters = Object.fromEntries(["a", "b", "c", "d", "e"].map((name) => [name, half]));
  await expect(bindParameters({ model: new Uint8Array(), parameters })).rejects.toMatchObject({ code: "bad-input" });
});
