import { gaussians } from "@prosopon/random";
import { expect, test } from "vitest";
import { bootstrap } from "./bootstrap.ts";

test("of a mean: about the textbook's interval", async () => {
  const values = gaussians(8, "values", 0, 400);
  const mean = (rows: ArrayLike<number>) => Array.from(rows).reduce((sum, i) => sum + values[i]!, 0) / rows.length;
  const { value, low, high, standardError } = await bootstrap(400, mean);
  expect(value).toBeCloseTo(values.reduce((a, b) => a + b) / 400, 12);
  expect(standardError).toBeGreaterThan(0.043);
  expect(standardError).toBeLessThan(0.057);
  expect((high - low) / (2 * 1.96 * standardError)).toBeCloseTo(1, 0);
  expect(low < value && value < high).toBe(true);
  expect(await bootstrap(400, mean)).toMatchObject({ low, high });
  await expect(bootstrap(0, mean)).rejects.toThrow(/0 samples/);
  await expect(bootstrap(3, mean, { level: 1 })).rejects.toMatchObject({ code: "bad-input" });
});
