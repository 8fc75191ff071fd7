import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Tensor, tensor } from "@prosopon/graph";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStateDict } from "./open-state-dict.ts";
import { writeCheckpoint } from "./write-checkpoint.ts";
import { writeWeights } from "./write-weights.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "prosopon-checkpoint-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const tensors = new Map<string, Tensor>([
  ["a.weight", tensor("float32", [2, 3], [1, -2, 3.5, 0, 1e-30, Number.NaN])],
  ["a.half", tensor("float16", [2], [0x3c00, 0xbc00])],
  ["count", tensor("int64", [], BigInt64Array.of(7n))],
  ["steps", tensor("int32", [1], [-3])],
  ["empty", tensor("float32", [0, 4])],
  ["ünï", tensor("bool", [3], [1, 0, 1])],
]);
const plan = {
  rows: Array.from(tensors, ([name, { dtype, shape }]) => [name, dtype, shape] as const),
  read: async (name: string) => tensors.get(name)!,
};

test("what is written is read again, value for value, with its counters", async () => {
  const file = join(folder, "x.ckpt");
  const seen: number[] = [];
  await writeCheckpoint(file, plan, {
    counters: { epoch: 3, global_step: 5_000_000_000 },
    onProgress: ({ done }) => seen.push(done),
  });
  await using found = await openStateDict(file);
  expect(found.format).toBe("zip");
  expect(found.names).toEqual([...tensors.keys()]);
  for (const [name, value] of tensors) expect(await found.read(name)).toEqual(value);
  expect([found.checkpoint!.top.get("epoch"), found.checkpoint!.top.get("global_step")]).toEqual([3, 5_000_000_000]);
  expect(seen.at(-1)).toBe(13);
  expect(await readdir(folder)).toEqual(["x.ckpt"]);
});

test("a planned safetensors file equals that of a map, and a plan that lies is refused", async () => {
  const [a, b] = [join(folder, "a.safetensors"), join(folder, "b.safetensors")];
  await writeWeights(a, tensors);
  await writeWeights(b, plan);
  await using one = await openStateDict(a);
  await using two = await openStateDict(b);
  expect(two.format).toBe("safetensors");
  expect(two.names).toEqual(one.names);
  for (const name of one.names) expect(await two.read(name)).toEqual(await one.read(name));
  const rows = plan.rows.map(([name, dtype]) => [name, dtype, [9]] as const);
  await expect(writeWeights(join(folder, "c.safetensors"), { ...plan, rows })).rejects.toThrow("not float32 [9]");
});

test("a failure leaves nothing, too much is refused before anything is written", async () => {
  const broken = { ...plan, read: () => Promise.reject(new Error("gone")) };
  await expect(writeCheckpoint(join(folder, "x.ckpt"), broken)).rejects.toThrow("gone");
  const huge = { ...plan, rows: [["x", "float32", [2 ** 31]] as const] };
  await expect(writeCheckpoint(join(folder, "x.ckpt"), huge)).rejects.toThrow(".safetensors");
  expect(await readdir(folder)).toEqual([]);
});
