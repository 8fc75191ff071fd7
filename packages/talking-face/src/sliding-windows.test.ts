import { expect, test } from "vitest";
import { slidingWindows } from "./sliding-windows.ts";

const row = (n: number) => Float32Array.of(n);

async function all(count: number, options: Parameters<typeof slidingWindows>[1]): Promise<string[]> {
  const found: string[] = [];
  const rows = Array.from({ length: count }, (_, i) => row(i));
  for await (const { index, rows: seen } of slidingWindows(rows, options))
    found.push(`${index}: ${seen.map((r) => r[0]).join(" ")}`);
  return found;
}

test("ends are replicated and every place has its window", async () => {
  expect(await all(4, { before: 1, after: 2 })).toEqual(["0: 0 0 1 2", "1: 0 1 2 3", "2: 1 2 3 3", "3: 2 3 3 3"]);
  expect(await all(1, { before: 2, after: 2 })).toEqual(["0: 0 0 0 0 0"]);
  expect(await all(0, { before: 2, after: 2 })).toEqual([]);
});

test("a later start gives the same windows", async () => {
  const whole = await all(9, { before: 3, after: 1 });
  for (const from of [0, 2, 5, 8]) expect(await all(9, { before: 3, after: 1, from })).toEqual(whole.slice(from));
});

test("a window is given as soon as its last row is there", async () => {
  let given = 0;
  async function* rows() {
    for (; given < 10; given++) yield row(given);
  }
  const windows = slidingWindows(rows(), { before: 4, after: 3 });
  await windows.next();
  expect(given).toBe(3);
  await windows.return();
});
