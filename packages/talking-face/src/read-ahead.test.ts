import { expect, test } from "vitest";
import { readAhead } from "./read-ahead.ts";

test("the next item is made while one is used, but no more than asked for", async () => {
  const made: number[] = [];
  async function* source() {
    for (let i = 0; i < 5; i++) {
      made.push(i);
      yield i;
    }
  }
  const items = readAhead(source(), 1);
  const seen: number[] = [];
  for await (const item of items) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    seen.push(item);
    expect(made.length).toBeLessThanOrEqual(item + 2);
    if (item < 4) expect(made).toContain(item + 1);
  }
  expect(seen).toEqual([0, 1, 2, 3, 4]);
});

test("a failure comes in its turn, and leaving early ends the source", async () => {
  async function* failing() {
    yield 1;
    throw new Error("no more");
  }
  const seen: number[] = [];
  await expect(
    (async () => {
      for await (const item of readAhead(failing())) seen.push(item);
    })(),
  ).rejects.toThrow("no more");
  expect(seen).toEqual([1]);

  let ended = false;
  async function* endless() {
    try {
      for (let i = 0; ; i++) yield i;
    } finally {
      ended = true;
    }
  }
  for await (const item of readAhead(endless())) if (item === 3) break;
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(ended).toBe(true);
});
