import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { blobsConformance } from "../testing/blobs-conformance.ts";
import { memoryBlobs } from "../testing/memory-blobs.ts";
import { folderBlobs } from "./folder-blobs.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "blobs-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("in a folder", () => {
  for (const { name, check } of blobsConformance()) test(name, () => check(folderBlobs(join(folder, "deep/er"))));
});

describe("in memory", () => {
  for (const { name, check } of blobsConformance()) test(name, () => check(memoryBlobs()));
});

test("two stores on one folder see each other's files, and a failed upload leaves none", async () => {
  const [a, b] = [folderBlobs(folder), folderBlobs(folder)];
  const options = { mime: "audio/wav", tenant: "anna", name: "a.wav", limit: 10 };
  const { id } = await a.put(new Uint8Array(7), options);
  expect(await b.used("anna")).toBe(7);
  await a.delete(id);
  expect(await b.describe(id)).toBeUndefined();
  expect(await b.used("anna")).toBe(0);
  await expect(a.put(new Uint8Array(11), options)).rejects.toThrow("larger than 10 bytes");
  expect(await readdir(folder)).toEqual([]);
});
