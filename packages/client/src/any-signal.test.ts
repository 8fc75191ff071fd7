import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { anySignal } from "./any-signal.ts";
import { connect } from "./connect.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** Collects what nobody holds, while the signal's time runs. */
async function collect(): Promise<void> {
  for (let round = 0; round < 5; round++) {
    await sleep(10);
    gc();
  }
}

test("a signal of several fires by one that nobody else holds, also through another", async () => {
  const never = new AbortController().signal;
  const fired = new Promise((resolve) => {
    anySignal(anySignal(AbortSignal.timeout(200), never), never).addEventListener("abort", resolve);
  });
  await collect();
  await fired;
});

test("a stream that hangs ends by a time that its caller gave and forgot", async () => {
  const silent: typeof fetch = (_, init) =>
    new Promise((_resolve, reject) => {
      init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
    });
  const client = connect({ url: "http://127.0.0.1:1", fetch: silent });
  const next = client
    .events("1", { signal: AbortSignal.timeout(200) })
    [Symbol.asyncIterator]()
    .next();
  const told = expect(next).rejects.toMatchObject({ code: "cancelled" });
  await collect();
  await told;
});
