import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { tensor } from "@prosopon/graph";
import { InferenceSession } from "onnxruntime-node";
import { afterAll, expect, test, vi } from "vitest";
import { hostConformance, tinyModel } from "../testing.ts";
import { inProcessHost } from "./in-process-host.ts";

const host = inProcessHost({ modelCacheSize: 3 });
afterAll(() => host[Symbol.asyncDispose]());

for (const { name, check } of hostConformance()) test(name, () => check(host));

test("refuses everything once closed", async () => {
  const brief = inProcessHost();
  await brief[Symbol.asyncDispose]();
  await expect(brief.load({ model: new Uint8Array() })).rejects.toMatchObject({ code: "bad-input" });
});

test("what is cancelled by a message that came right behind is not begun", async () => {
  await using own = inProcessHost();
  const model = tinyModel({
    inputs: { x: { shape: [2] } },
    outputs: { y: { shape: [2] } },
    nodes: [{ operator: "Add", inputs: ["x", "x"], outputs: ["y"] }],
  });
  const session = await own.load({ model });
  const feeds = { x: tensor("float32", [2], [1, 2]) };
  // The factory is the class.
  const begun = vi.spyOn((InferenceSession as unknown as { prototype: InferenceSession }).prototype, "run");
  const stop = new AbortController();
  const cancelled = session.run(feeds, { signal: stop.signal });
  // All promises at hand have gone on by then, but no message has been read.
  for (let i = 0; i < 100; i++) await Promise.resolve();
  stop.abort();
  await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
  expect(begun).not.toHaveBeenCalled();
  await session.run(feeds);
  expect(begun).toHaveBeenCalledOnce(); // the control: it would have been seen
  begun.mockRestore();
});

test("a program that could not be opened is not kept", async () => {
  await using own = inProcessHost();
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const good = tinyModel({
    inputs: { x: { shape: [2] } },
    outputs: { y: { shape: [2] } },
    nodes: [{ operator: "Neg", inputs: ["x"], outputs: ["y"] }],
  });
  const sessions: unknown[] = [];
  const loaded = async (model: Uint8Array) => {
    const program = { model };
    await own.load(program).then(
      (session) => sessions.push(session),
      () => {},
    );
    return new WeakRef(program);
  };
  const [refused, opened] = [await loaded(new Uint8Array(8)), await loaded(good)];
  await new Promise((resolve) => setTimeout(resolve));
  collect();
  expect(sessions).toHaveLength(1);
  expect(refused.deref()).toBeUndefined();
  expect(opened.deref()).toBeDefined(); // the control: what is open is kept
});
