import { describe, expect, test } from "vitest";
import { metricConformance } from "../testing.ts";
import { normalizeText } from "./normalize-text.ts";
import { characters, words } from "./plain-units.ts";
import { type TextPair, textErrorRate } from "./text-error-rate.ts";

const rate = (reference: string, hypothesis: string, metric = textErrorRate(words())) => {
  const judgement = metric.start();
  judgement.add({ reference, hypothesis });
  return judgement.result();
};

describe.each(
  metricConformance<TextPair, unknown>({
    metric: textErrorRate(words()),
    samples: [
      { reference: "a b c", hypothesis: "a c" },
      { reference: "x", hypothesis: "x" },
    ],
    bad: { reference: 3 as unknown as string, hypothesis: "" },
  }),
)("as every metric", ({ name, check }) => {
  test(name, check);
});

test("counts over length; more than all can be wrong", () => {
  expect(rate("This is a test", "This test")).toMatchObject({ rate: 0.5, hits: 2, deletions: 2, matchErrorRate: 0.5 });
  expect(rate("X", "X X Y Y").rate).toBe(3);
  expect(rate("This is a test", "This test", textErrorRate(characters())).rate).toBeCloseTo(5 / 14, 14);
});

test("empty texts have defined rates", () => {
  expect(rate("", "")).toMatchObject({ rate: 0, matchErrorRate: 0, informationLost: 0 });
  expect(rate("", "0 1 2")).toMatchObject({ rate: 3, matchErrorRate: 1, informationLost: 1 });
  expect(rate("hello", "")).toMatchObject({ rate: 1, matchErrorRate: 1, informationLost: 1 });
});

test("over all pairs every word weighs the same, in the mean of pairs every pair", () => {
  const judgement = textErrorRate(words()).start();
  judgement.add({ reference: "a b c d", hypothesis: "a b c d" });
  judgement.add({ reference: "e", hypothesis: "f" });
  expect(judgement.result()).toMatchObject({ count: 2, rate: 0.2, meanRate: 0.5 });
});

test("normalisation", () => {
  expect(normalizeText("  It’s “Fine”—don't!  No. 5 'quoted' ", "plain")).toBe("it's fine don't no 5 quoted");
  expect(normalizeText(" It’s  fine. ", "none")).toBe("It’s  fine.");
  expect(rate("It's fine.", "IT’S FINE", textErrorRate(words({ normalization: "plain" }))).rate).toBe(0);
  expect(rate("It's fine.", "IT’S FINE").rate).toBe(1);
  // A code point is one character, also beyond 16 bits.
  expect(rate("😀a", "😁a", textErrorRate(characters())).rate).toBe(0.5);
});
