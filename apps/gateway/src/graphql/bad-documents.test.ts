import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { testGateway } from "../testing/test-gateway.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

test("requests hold no memory when they are over: bad documents, and good ones that never come again", async () => {
  await using place = await testGateway({ idle: true });
  const held = (): number => {
    gc();
    gc();
    return process.memoryUsage().heapUsed / 2 ** 20;
  };
  const filler = "x".repeat(900_000);
  const ask = async (from: number, count: number): Promise<void> => {
    for (let at = from; at < from + count; at++)
      for (const query of ["{", "{ emotions }"]) {
        const { data, errors } = await place.ask(`# ${at} ${filler}\n${query}`);
        expect([data !== undefined, errors !== undefined]).toContain(true);
      }
  };
  await ask(0, 5);
  const before = held();
  await ask(5, 40);
  // 69 MiB of text were sent.
  expect(held() - before).toBeLessThan(20);
});
