import { expect, test } from "vitest";
import { stepBatcher } from "./step-batcher.ts";

/** Doubles numbers, and keeps the batches. */
function doubler(most = 8) {
  const batches: (readonly number[])[] = [];
  const step = stepBatcher<number, number>({
    most,
    async run(requests) {
      batches.push(requests);
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (requests.includes(13)) throw new Error("unlucky");
      return requests.map((n) => 2 * n);
    },
  });
  return { step, batches };
}

test("jobs that step together share calls; each gets its own reply", async () => {
  const { step, batches } = doubler();
  const job = async (first: number) => {
    const replies: number[] = [];
    for (let i = 0; i < 5; i++) replies.push(await step(first + i));
    return replies;
  };
  expect(await Promise.all([job(0), job(100), job(200)])).toEqual([
    [0, 2, 4, 6, 8],
    [200, 202, 204, 206, 208],
    [400, 402, 404, 406, 408],
  ]);
  expect(batches).toEqual(Array.from({ length: 5 }, (_, i) => [i, 100 + i, 200 + i]));
});

test("a batch is no larger than allowed, and without what was cancelled", async () => {
  const { step, batches } = doubler(2);
  const cancelled = new AbortController();
  const replies = [1, 2, 3, 4, 5].map((n) => step(n, n === 2 ? { signal: cancelled.signal } : {}));
  cancelled.abort();
  const settled = await Promise.allSettled(replies);
  expect(settled.map((one) => (one.status === "fulfilled" ? one.value : one.reason.code))).toEqual([
    2,
    "cancelled",
    6,
    8,
    10,
  ]);
  expect(batches).toEqual([[1], [3, 4], [5]]);
});

test("a failing call fails the steps in it and no others", async () => {
  const { step } = doubler();
  const together = await Promise.allSettled([step(12), step(13)]);
  expect(together.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await step(14)).toBe(28);
});
