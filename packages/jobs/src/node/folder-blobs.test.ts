import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
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

test("what a killed process left half-written goes with what is as old, and nothing else does", async () => {
  const blobs = folderBlobs(folder);
  const kept = await blobs.put(new Uint8Array(7), { mime: "audio/wav", tenant: "anna", name: "a.wav", limit: 10 });
  const [old, fresh] = ["a".repeat(32), "b".repeat(32)];
  for (const name of [`${old}.part`, `${old}.json.part`, `${old}.blob`, `${fresh}.part`, "notes.part"])
    await writeFile(join(folder, name), "half");
  const hourAgo = new Date(Date.now() - 3_600_000);
  for (const name of [`${old}.part`, `${old}.json.part`, `${old}.blob`, "notes.part", `${kept.id}.blob`])
    await utimes(join(folder, name), hourAgo, hourAgo);
  expect(await blobs.expire(60_000)).toBe(0);
  const names = [`${fresh}.part`, `${kept.id}.blob`, `${kept.id}.json`, "notes.part"];
  expect((await readdir(folder)).sort()).toEqual(names.sort());
});
