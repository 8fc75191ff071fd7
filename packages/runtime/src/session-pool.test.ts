import { expect, test } from "vitest";
import { sessionPool } from "./session-pool.ts";

/** Something that can be closed, and how often it was. */
const one = () => {
  const made = {
    closed: 0,
    async [Symbol.asyncDispose]() {
      made.closed++;
    },
  };
  return made;
};

test("each key is opened once, also by those who ask at the same time; all close together, once", async () => {
  const made: ReturnType<typeof one>[] = [];
  const pool = sessionPool<string, ReturnType<typeof one>>();
  const open = () => {
    const next = one();
    made.push(next);
    return next;
  };
  const [a, b, c] = await Promise.all([pool.get("a", open), pool.get("a", open), pool.get("b", open)]);
  expect(a).toBe(b);
  expect(c).not.toBe(a);
  await pool[Symbol.asyncDispose]();
  await pool[Symbol.asyncDispose]();
  expect(made.map(({ closed }) => closed)).toEqual([1, 1]);
});

test("an opening that fails, even before it waits for anything, is told and tried again", async () => {
  const pool = sessionPool<number, ReturnType<typeof one>>();
  const failing = () => {
    throw new Error("no room");
  };
  await expect(pool.get(1, failing)).rejects.toThrow("no room");
  const [found, failed] = [await pool.get(1, one), pool.get(2, async () => failing())];
  // Closing does not wait in vain for one that fails.
  await Promise.all([expect(failed).rejects.toThrow("no room"), pool[Symbol.asyncDispose]()]);
  expect(found.closed).toBe(1);
});
