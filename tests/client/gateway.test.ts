import { readFileSync } from "node:fs";
import { cursorOf } from "@prosopon/client";
import { connect } from "@prosopon/client/node";
import { buildSchema, parse, validate } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestGateway, testGateway } from "../../apps/gateway/src/testing/test-gateway.ts";
import { frameSubscription } from "../../packages/client/src/frame-subscription.ts";
import { mutationOf, operations } from "../../packages/client/src/operations.ts";
import { streamProblemOf } from "../../packages/client/src/problem.ts";
import { fakeSchema } from "../../packages/client/src/testing/fake-schema.ts";

const reviewed = buildSchema(readFileSync(new URL("../../apps/gateway/schema.graphql", import.meta.url), "utf8"));

test.each([
  ...Object.entries(operations),
  ["frames", frameSubscription],
  ["a mutation", mutationOf("paint-faces")],
])("the schema takes what the client sends: %s", (_, document) => {
  expect(validate(reviewed, parse(document))).toEqual([]);
});

test("the fake schema promises no field that the real one lacks", () => {
  const fake = buildSchema(fakeSchema);
  const missing: string[] = [];
  let seen = 0;
  for (const name of [
    "Job",
    "JobError",
    "Artifact",
    "Access",
    "Frame",
    "StreamGap",
    "StreamReset",
    "StreamEnd",
    "Model",
    "Application",
  ]) {
    const [mine, real] = [fake.getType(name), reviewed.getType(name)];
    if (!mine || !("getFields" in mine) || !real || !("getFields" in real)) throw new Error(`${name} is missing.`);
    const known = real.getFields();
    for (const field of Object.keys(mine.getFields())) {
      seen += 1;
      if (!(field in known)) missing.push(`${name}.${field}`);
    }
  }
  expect(missing).toEqual([]);
  expect(seen).toBeGreaterThan(40);
});

test("the client waits as long as the gateway says", async () => {
  await using place = await testGateway({ idle: true, limits: { operationsPerMinute: 1 } });
  await place.ask("{ emotions }");
  const { errors } = await place.ask("{ emotions }");
  const problem = streamProblemOf((errors ?? []) as { message: string }[]) as { wait?: number };
  expect(problem.wait).toBeGreaterThan(1);
  expect(problem.wait).toBeLessThanOrEqual(60_001);
});

describe("against the gateway itself", () => {
  let place: TestGateway;
  beforeAll(async () => {
    place = await testGateway();
  });
  afterAll(async () => place[Symbol.asyncDispose]());

  test.each([
    "binary",
    "websocket",
    "sse",
  ] as const)("streams over %s, from the start and from a cursor", async (transport) => {
    const client = connect({ url: place.url });
    const { id, application } = await client.run("paint-faces", { frames: 30, fps: 500, mood: "VERY_HAPPY" });
    expect(application).toBe("paint-faces");
    const found: number[] = [];
    for await (const { seq, data, mime, epoch } of client.frames(id, { transport })) {
      expect(mime).toBe("image/jpeg");
      expect(epoch).toBe(1);
      expect(new TextDecoder().decode(data.subarray(4)).replace(/\0.*/s, "")).toBe(`frame ${seq}`);
      found.push(seq);
    }
    expect(found).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    const rest: string[] = [];
    for await (const event of client.events(id, { transport, after: cursorOf({ epoch: 1, seq: 28 }) })) {
      rest.push(event.type === "frame" ? String(event.seq) : event.type);
    }
    expect(rest).toEqual(["29", "30", "end"]);
    client.close();
  });

  test("finishes, fetches and deletes a job; cancels another", async () => {
    const client = connect({ url: place.url });
    const { id } = await client.run("paint-faces", { frames: 3, fps: 500 });
    expect((await client.finished(id)).state).toBe("COMPLETED");
    const { content, name } = await client.artifact(id);
    expect([name, content.size]).toEqual(["painting.png", 1000]);
    await client.delete(id);
    await expect(client.job(id)).rejects.toMatchObject({ code: "not-found" });

    const { id: long } = await client.run("paint-faces", { frames: 5000 });
    const reading = (async () => {
      for await (const { seq } of client.frames(long)) if (seq === 3) await client.cancel(long);
    })();
    await expect(reading).rejects.toMatchObject({ code: "cancelled" });
    client.close();
  });

  test("feeds live sound", async () => {
    const client = connect({ url: place.url });
    const { id } = await client.run("paint-faces", { listen: true });
    const sound = await client.live(id);
    for (let part = 0; part < 5; part += 1) await sound.write(new Float32Array(8000));
    await sound.close();
    const found: number[] = [];
    for await (const { seq } of client.frames(id)) found.push(seq);
    expect(found).toEqual([1, 2]);
    const { content } = await client.artifact(id);
    expect(await content.text()).toBe("40000 samples");
    client.close();
  });

  test("uploads, and says what is refused", async () => {
    const client = connect({ url: place.url });
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, ...new Uint8Array(60));
    const { id, mime, size } = await client.upload(png);
    expect([mime, size]).toEqual(["image/png", 68]);
    await client.finished((await client.run("paint-faces", { portrait: id, frames: 1, consent: true })).id);
    await expect(client.upload(new TextEncoder().encode("#!/bin/sh"))).rejects.toMatchObject({ code: "bad-input" });
    await expect(client.run("paint-faces", { portrait: "nothing", consent: true })).rejects.toMatchObject({
      code: "not-found",
    });
    await expect(client.run("paint-faces", { mood: "GRIM" })).rejects.toMatchObject({ code: "bad-input" });
    await expect(client.run("no-such", {})).rejects.toMatchObject({ code: "bad-input" });
    const frames = client.frames("0000");
    await expect(frames[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "not-found" });
    expect(await client.models()).toEqual([{ name: "tiny", kind: "reenactment", description: "A small one." }]);
    expect((await client.applications())[0]).toMatchObject({
      name: "paint-faces",
      output: "FRAMES",
      mutation: "paintFaces",
    });
    client.close();
  });
});
