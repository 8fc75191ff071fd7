import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { philox, restore } from "./philox.ts";

describe("philox", () => {
  test("the same key gives the same numbers, whatever else was drawn between", () => {
    const first = philox(7, "a", 3);
    philox(7, "b", 3).uniform();
    const second = philox(7n, "a", 3);
    for (let index = 0; index < 100; index += 1) expect(first.uniform()).toBe(second.uniform());
  });

  test("any state, also one that went through JSON, continues where it was taken", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.string(),
        fc.nat(),
        fc.array(fc.nat(2), { maxLength: 30 }),
        (seed, stream, step, calls) => {
          const random = philox(seed, stream, step);
          for (const call of calls) [random.uniform, random.gaussian, () => random.integer(3)][call]!();
          const copy = restore(JSON.parse(JSON.stringify(random.state())));
          for (let index = 0; index < 9; index += 1) expect(copy.integer(1000)).toBe(random.integer(1000));
          expect(copy.gaussian()).toBe(random.gaussian());
        },
      ),
    );
  });

  test("keys that differ a little give other numbers", () => {
    const draws = [
      philox(1, "a"),
      philox(2, "a"),
      philox(-1, "a"),
      philox(2 ** 32 + 1, "a"),
      philox(1, "b"),
      philox(1, ""),
      philox(1, "a\0"),
      philox(1, 1),
      philox(1, "1"),
      philox(1, "a", 1),
    ].map((random) => random.uniform());
    expect(new Set(draws).size).toBe(draws.length);
    expect(philox(-1, "a").uniform()).toBe(philox(2n ** 64n - 1n, "a").uniform());
  });

  test("uniform stays in [0, 1) with mean 1/2 and variance 1/12", () => {
    const random = philox(5, "uniform");
    let sum = 0;
    let squares = 0;
    for (let index = 0; index < 200_000; index += 1) {
      const value = random.uniform();
      if (!(value >= 0 && value < 1)) throw new Error(`uniform() gave ${value}`);
      sum += value - 0.5;
      squares += (value - 0.5) ** 2;
    }
    expect(Math.abs(sum / 200_000)).toBeLessThan(0.0033);
    expect(Math.abs(squares / 200_000 - 1 / 12)).toBeLessThan(0.001);
  });

  test("integer is even over its range (chi squared), also where a plain remainder would be skewed", () => {
    const random = philox(6, "integer");
    const counts = new Array<number>(7).fill(0);
    for (let index = 0; index < 70_000; index += 1) counts[random.integer(7)]! += 1;
    // 6 degrees of freedom: above 22.5 once in a thousand.
    expect(counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(22.5);

    // With n = 3 x 2^30 a plain word % n would put half of all draws into the first third.
    let low = 0;
    for (let index = 0; index < 30_000; index += 1) if (random.integer(3 * 2 ** 30) < 2 ** 30) low += 1;
    expect(Math.abs(low - 10_000)).toBeLessThan(400);
    expect(random.integer(1)).toBe(0);
    expect(random.integer(2 ** 32)).toBeLessThan(2 ** 32);
  });

  test("shuffle gives each order equally often and leaves the list as it was; pick takes every element", () => {
    const random = philox(8, "shuffle");
    const items = Object.freeze(["a", "b", "c"]);
    const counts: Record<string, number> = {};
    for (let index = 0; index < 6000; index += 1) {
      const order = random.shuffle(items).join("");
      counts[order] = (counts[order] ?? 0) + 1;
    }
    expect(Object.keys(counts)).toHaveLength(6);
    // 5 degrees of freedom: above 20.5 once in a thousand.
    expect(Object.values(counts).reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(20.5);
    expect(new Set(Array.from({ length: 50 }, () => random.pick(items)))).toEqual(new Set(items));
  });

  test("refuses what it cannot key or draw", () => {
    const random = philox(1, "a");
    expect(() => philox(1.5, "a")).toThrow(/Seed 1.5/);
    expect(() => philox(2 ** 53, "a")).toThrow(/Use a safe integer/);
    expect(() => philox(2n ** 64n, "a")).toThrow(/Seed/);
    expect(() => philox(1, 0.5)).toThrow(/Stream 0.5/);
    expect(() => philox(1, "a", -1)).toThrow(/Step -1/);
    expect(() => philox(1, "a", 2 ** 32)).toThrow(/Step 4294967296/);
    expect(() => random.integer(0)).toThrow(/from 1 to/);
    expect(() => random.integer(2 ** 32 + 1)).toThrow(/from 1 to/);
    expect(() => random.pick([])).toThrow(/empty list/);
    expect(() => restore({ seed: 1, stream: "a", step: 0, position: -1 })).toThrow(/Position -1/);
    expect(() => restore({ seed: 1, stream: "a", step: 0, position: 2 ** 34 }).integer(2)).toThrow(/2\^34 words/);
  });
});
