import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tensor } from "@prosopon/graph";
import { writeWeights } from "@prosopon/weights/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startingFolder, startingWeights } from "./starting-weights.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "starting-"));
});
afterAll(() => rm(root, { recursive: true }));

test.each([
  ["a file", "alone.safetensors", "", "."],
  ["a run", "run/averages.safetensors", "run", "run"],
  ["a model", "model/model.safetensors", "model", "model"],
])("starts from %s", async (_, path, folder, notes) => {
  const file = join(root, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeWeights(file, new Map([["w", tensor("float16", [2], new Uint16Array([0x3c00, 0xc000]))]]));
  const from = folder === "" ? file : join(root, folder);
  expect((await startingWeights(from)).get("w")).toEqual(tensor("float32", [2], [1, -2]));
  expect(await startingFolder(from)).toBe(join(root, notes));
});

test("a folder that holds neither is refused", async () => {
  await mkdir(join(root, "empty"));
  await expect(startingWeights(join(root, "empty"))).rejects.toMatchObject({ code: "not-found" });
});
