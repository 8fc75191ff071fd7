import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emotions } from "./emotion.ts";
import { sample } from "./sample.ts";
import { split, splits } from "./split.ts";

describe("sample", () => {
  it("depends on seed and index alone, and on both", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(1_000_000), (seed, index) => {
        expect(sample({ seed, index })).toEqual(sample({ seed, index }));
        expect(sample({ seed, index })).not.toEqual(sample({ seed, index: index + 1 }));
        expect(sample({ seed, index })).not.toEqual(sample({ seed: seed + 1, index }));
      }),
      { numRuns: 30 },
    );
  });

  it("holds each emotion at each intensity once in every 24 items", () => {
    for (const start of [0, 24, 24 * 999]) {
      const items = Array.from({ length: 24 }, (_, offset) => sample({ seed: 5, index: start + offset }));
      const kinds = new Set(items.map(({ emotion, intensity }) => `${emotion} ${intensity}`));
      expect(kinds.size).toBe(24);
      expect(new Set(items.map(({ emotion }) => emotion))).toEqual(new Set(emotions));
    }
  });

  it("keeps people of a split to that split, and turns within its range", () => {
    for (const part of splits) {
      for (let index = 0; index < 60; index += 1) {
        const { identity, pose } = sample({ seed: 1, index, split: part });
        expect(split(identity)).toBe(part);
        expect(Math.abs(pose.yaw) <= 20 && Math.abs(pose.pitch) <= 12 && Math.abs(pose.roll) <= 8).toBe(true);
      }
    }
  });

  it("is plain data", () => {
    const item = sample({ seed: 3, index: 7 });
    expect(JSON.parse(JSON.stringify(item))).toEqual(item);
  });

  it("refuses an index that is none, and a split without people", () => {
    expect(() => sample({ seed: 1, index: -1 })).toThrow(/index -1/);
    const only = split(0);
    const other = splits.find((part) => part !== only)!;
    expect(() => sample({ seed: 1, index: 0, identities: 1, split: other })).toThrow(/Give more identities/);
  });
});

describe("split", () => {
  it("is about 80, 10 and 10 in a hundred", () => {
    const counts = { train: 0, validation: 0, test: 0 };
    for (let identity = 0; identity < 4000; identity += 1) counts[split(identity)] += 1;
    // Five standard deviations of a binomial count.
    expect(Math.abs(counts.train - 3200)).toBeLessThan(5 * Math.sqrt(4000 * 0.8 * 0.2));
    expect(Math.abs(counts.test - 400)).toBeLessThan(5 * Math.sqrt(4000 * 0.1 * 0.9));
  });
});
