import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Tensor, tensor } from "@prosopon/graph";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openWeights } from "./open-weights.ts";
import { encodeSafetensors } from "./safetensors.ts";
import { sha256 } from "./sha256.ts";
import { writeWeights } from "./write-weights.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "prosopon-write-"));
  file = join(folder, "model.safetensors");
});
afterEach(() => rm(folder, { recursive: true }));

const tensors = new Map<string, Tensor>([
  ["flag", tensor("bool", [3], [1, 0, 1])],
  ["w", tensor("float32", [2, 2], [1, -2, 1 / 3, 2 ** -30])],
  ["10", tensor("int64", [], BigInt64Array.of(2n ** 60n + 1n))],
  ["empty", tensor("float32", [0, 3])],
]);

async function* slowly(entries: Iterable<readonly [string, Tensor]>) {
  for (const entry of entries) {
    await new Promise((resolve) => setImmediate(resolve));
    yield entry;
  }
}

describe("writeWeights and openWeights", () => {
  it("writes the same bytes from a map, a list and a stream", async () => {
    const metadata = { note: "προσωπον" };
    const expected = encodeSafetensors(tensors, metadata);
    for (const entries of [tensors, [...tensors], slowly(tensors)]) {
      await writeWeights(file, entries, { metadata });
      expect(Buffer.compare(await readFile(file), expected)).toBe(0);
      expect(await readdir(folder)).toEqual(["model.safetensors"]);
    }
  });

  it("reads the header only, then tensors one by one, with byte ranges that hold the values", async () => {
    await writeWeights(file, tensors, { metadata: { step: "12" } });
    await using weights = await openWeights(file);
    expect(weights.names.filter((name) => name !== "empty")).toEqual(["flag", "w", "10"]);
    expect(weights.metadata).toEqual({ step: "12" });
    for (const [name, value] of tensors) expect(await weights.read(name)).toEqual(value);
    const { offset, length, dtype, shape, file: from } = weights.info("w");
    expect({ dtype, shape, length, from }).toEqual({ dtype: "float32", shape: [2, 2], length: 16, from: file });
    const range = new Uint8Array((await readFile(file)).subarray(offset, offset + length));
    expect(new Float32Array(range.buffer)).toEqual(tensors.get("w")!.data);
    expect(() => weights.info("absent")).toThrow(/no tensor "absent"/);
    await expect(weights.read("w", { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
  });

  it("rounds float32 alone when asked for float16", async () => {
    for (const entries of [tensors, slowly(tensors)]) {
      await writeWeights(file, entries, { dtype: "float16" });
      await using weights = await openWeights(file);
      expect(await weights.read("w")).toEqual(tensor("float16", [2, 2], [0x3c00, 0xc000, 0x3555, 0]));
      expect(await weights.read("10")).toEqual(tensors.get("10"));
    }
    const large = new Map([["huge", tensor("float32", [1], [1e6])]]);
    await expect(writeWeights(file, large, { dtype: "float16" })).rejects.toThrow(/"huge" holds 1000000.*float32/);
  });

  it("leaves the old file and nothing else when it fails", async () => {
    await writeFile(file, "old");
    const broken = async function* () {
      yield ["w", tensors.get("w")!] as const;
      throw new Error("the source broke");
    };
    await expect(writeWeights(file, broken())).rejects.toMatchObject({ code: "output" });
    const twice = slowly([...tensors, ...tensors]);
    await expect(writeWeights(file, twice)).rejects.toMatchObject({ code: "bad-input" });
    const controller = new AbortController();
    const stopping = async function* () {
      yield ["w", tensors.get("w")!] as const;
      controller.abort();
      yield ["v", tensors.get("w")!] as const;
    };
    await expect(writeWeights(file, stopping(), { signal: controller.signal })).rejects.toMatchObject({
      code: "cancelled",
    });
    expect(await readdir(folder)).toEqual(["model.safetensors"]);
    expect(await readFile(file, "utf8")).toBe("old");
    await expect(writeWeights(join(folder, "absent", "a"), tensors)).rejects.toMatchObject({ code: "output" });
  });

  it("refuses a file that is no safetensors, by name", async () => {
    await writeFile(file, "hello");
    await expect(openWeights(file)).rejects.toThrow(/model\.safetensors: Not a safetensors file/);
    await expect(openWeights(join(folder, "absent"))).rejects.toMatchObject({ code: "not-found" });
  });

  it("notices a file that shrank after it was opened", async () => {
    await writeWeights(file, tensors);
    await using weights = await openWeights(file);
    await writeFile(file, (await readFile(file)).subarray(0, 40)); // truncates in place
    await expect(weights.read("10")).rejects.toMatchObject({ code: "bad-file" });
  });
});

describe("sha256", () => {
  it("is that of the file's bytes, with progress", async () => {
    await writeFile(file, "abc");
    expect(await sha256(file)).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const large = new Uint8Array(3_000_000).fill(5);
    await writeFile(file, large);
    const seen: number[] = [];
    const found = await sha256(file, { onProgress: ({ done }) => seen.push(done) });
    expect(found).toBe(createHash("sha256").update(large).digest("hex"));
    expect(seen).toEqual([1_048_576, 2_097_152, 3_000_000]);
    const signal = AbortSignal.abort();
    await expect(sha256(file, { signal })).rejects.toMatchObject({ code: "cancelled" });
  });
});
