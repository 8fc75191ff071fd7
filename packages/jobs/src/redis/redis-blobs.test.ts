import { afterAll, beforeAll, expect, test } from "vitest";
import { blobsConformance } from "../testing/blobs-conformance.ts";
import { type RedisServer, redisServer } from "../testing/redis-server.ts";
import { redisBlobs } from "./redis-blobs.ts";

let server: RedisServer | undefined;
let last = 0;
beforeAll(async () => {
  server = await redisServer();
  if (!server && process.env["CI"] === "true") throw new Error("There is no redis-server.");
});
afterAll(() => server?.[Symbol.asyncDispose]());

for (const { name, check } of blobsConformance())
  test(name, async ({ skip }) => {
    if (!server) skip("there is no redis-server here");
    await using blobs = redisBlobs({ url: server!.url, prefix: `case${++last}` });
    await check(blobs);
  });

test("files of several pieces come back whole and in part, up to the largest", async ({ skip }) => {
  if (!server) skip("there is no redis-server here");
  await using blobs = redisBlobs({ url: server!.url, largest: 700_000 });
  const bytes = Uint8Array.from({ length: 600_001 }, (_, i) => (i * 7919) % 251);
  const options = { mime: "video/mp4", tenant: "anna", name: "a.mp4", limit: 10 ** 9 };
  const { id, size } = await blobs.put(bytes, options);
  expect(size).toBe(600_001);
  expect(Buffer.from(await blobs.get(id)).equals(bytes)).toBe(true);
  for (const [start, end] of [
    [0, 600_000],
    [262_143, 262_144],
    [262_144, 524_288],
    [600_000, 600_000],
  ] as const) {
    const parts: Uint8Array[] = [];
    for await (const part of blobs.range(id, { start, end })) parts.push(part);
    expect(Buffer.concat(parts).equals(bytes.subarray(start, end + 1)), `${start}-${end}`).toBe(true);
  }
  await expect(blobs.put(new Uint8Array(700_001), options)).rejects.toThrow("larger than 700000");
});
