import { readFile } from "node:fs/promises";
import { buildSchema, lexicographicSortSchema, printSchema } from "graphql/index.js";
import { expect, test } from "vitest";
import { testGateway } from "./testing/test-gateway.ts";

test("a job is started, watched, and its artifact fetched", async () => {
  await using place = await testGateway();
  const id = await place.paint({ frames: 3, fps: 200 });
  const response = await fetch(`${place.url}/v1/jobs/${id}/frames`);
  expect(response.status).toBe(200);
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(bytes.readUInt8(4)).toBe(1);
  const { data } = await place.ask(
    `{ job(id: "${id}") { state lastSeq artifact { url mime size table digitalSourceType } stream { url ticket } } }`,
  );
  expect(data.job).toMatchObject({
    state: "COMPLETED",
    lastSeq: 3,
    artifact: { mime: "image/png", size: 1000, table: { frames: 3 } },
  });
  const artifact = await fetch(`${place.url}${data.job.artifact.url}`, { headers: { range: "bytes=10-19" } });
  expect([
    artifact.status,
    artifact.headers.get("content-range"),
    Buffer.from(await artifact.arrayBuffer())[0],
  ]).toEqual([206, "bytes 10-19/1000", 10]);
});

test("the reviewed schema.graphql is the schema", async () => {
  await using place = await testGateway({ idle: true });
  const reviewed = await readFile(new URL("../schema.graphql", import.meta.url), "utf8");
  const told = "run node apps/gateway/print-schema.mjs after a build, and review the difference";
  expect(printSchema(place.gateway.schema), told).toBe(printSchema(lexicographicSortSchema(buildSchema(reviewed))));
});
