import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BlobStore } from "../blob-store.ts";
import { blobsConformance } from "../testing/blobs-conformance.ts";
import { folderBlobs } from "./folder-blobs.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sealed-"));
});
afterAll(() => rm(root, { recursive: true }));

const key = Uint8Array.from({ length: 32 }, (_, i) => 7 * i);
const options = { mime: "image/png", tenant: "anna", name: "face.png", limit: 1e6 };
const secret = Uint8Array.from({ length: 200_000 }, (_, i) => (i * i) % 251);
const fresh = (): Promise<string> => mkdtemp(join(root, "folder-"));
const read = async (blobs: BlobStore, id: string, start: number, end: number): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for await (const part of blobs.range(id, { start, end })) parts.push(part);
  return Buffer.concat(parts);
};

describe("a sealed blob store", () => {
  for (const { name, check } of blobsConformance()) test(name, async () => check(folderBlobs(await fresh(), { key })));
});

test("what lies on the disk tells nothing, every range is as it was, and the same bytes differ each time", async () => {
  const folder = await fresh();
  const blobs = folderBlobs(folder, { key });
  const { id } = await blobs.put(secret, options);
  const stored = await readFile(join(folder, `${id}.sealed`));
  expect(stored.includes(Buffer.from(secret.subarray(1000, 1032)))).toBe(false);
  for (const [start, end] of [
    [0, 199_999],
    [65_535, 65_536],
    [65_536, 131_071],
    [131_072, 131_072],
    [199_999, 199_999],
  ] as const)
    expect(Buffer.compare(await read(blobs, id, start, end), secret.subarray(start, end + 1)), `${start}`).toBe(0);
  const again = await blobs.put(secret, options);
  expect(Buffer.compare(await readFile(join(folder, `${again.id}.sealed`)), stored)).not.toBe(0);
  // The control: without a key the bytes lie there as they are.
  const plain = await folderBlobs(folder).put(secret, options);
  expect((await readFile(join(folder, `${plain.id}.blob`))).includes(Buffer.from(secret.subarray(1000, 1032)))).toBe(
    true,
  );
  expect(Buffer.compare(await blobs.get(plain.id), secret), "files from before there was a key").toBe(0);
});

test("another key, none, a flipped bit, a missing end and swapped files are found out", async () => {
  const folder = await fresh();
  const blobs = folderBlobs(folder, { key });
  const [a, b] = [await blobs.put(secret, options), await blobs.put(secret, options)];
  await expect(folderBlobs(folder, { key: key.map((v) => v + 1) }).get(a.id)).rejects.toThrow(/another key/);
  await expect(folderBlobs(folder).get(a.id)).rejects.toThrow(/sealed/);
  const path = join(folder, `${a.id}.sealed`);
  const whole = await readFile(path);
  const flipped = Buffer.from(whole);
  flipped[70_000]! ^= 1;
  await writeFile(path, flipped);
  await expect(blobs.get(a.id)).rejects.toThrow(/changed/);
  expect((await read(blobs, a.id, 0, 100)).length, "segments before it are whole").toBe(101);
  await writeFile(path, whole);
  await truncate(path, 2 * (65_536 + 16));
  await expect(blobs.get(a.id)).rejects.toMatchObject({ code: "bad-file" });
  await writeFile(path, await readFile(join(folder, `${b.id}.sealed`)));
  await expect(blobs.get(a.id)).rejects.toThrow(/changed/);
  await blobs.delete(a.id);
  expect((await readdir(folder)).some((name) => name.startsWith(a.id))).toBe(false);
});

test("a key of another length is refused", () => {
  expect(() => folderBlobs(root, { key: new Uint8Array(31) })).toThrow(/32 bytes/);
});
