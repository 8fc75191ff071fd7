import { expect, it } from "vitest";
import { freeBuffer } from "./free-buffer.ts";

it("gives memory back without waiting for a garbage collection", () => {
  const bytes = 256 * 2 ** 20;
  const filled = () => new Uint8Array(bytes).fill(1);
  const kept = filled();
  const freed = filled();
  const before = process.memoryUsage.rss();
  freeBuffer(freed.buffer);
  expect(freed.length).toBe(0);
  expect(before - process.memoryUsage.rss()).toBeGreaterThan(bytes / 2);
  expect(kept[bytes - 1]).toBe(1);
});
