import fc from "fast-check";
import { expect, test } from "vitest";
import { alignTokens } from "./align-tokens.ts";
import { printAlignment } from "./print-alignment.ts";

/** Levenshtein by its recursive definition. */
function distance(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return a.length + b.length;
  const [p, q] = [a.slice(1), b.slice(1)];
  return Math.min(distance(p, b) + 1, distance(a, q) + 1, distance(p, q) + (a[0] === b[0] ? 0 : 1));
}

const text = fc.array(fc.constantFrom("x", "y", "z"), { maxLength: 6 });

test("an alignment holds both texts and is as short as can be", () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      const steps = alignTokens(a, b);
      expect(steps.flatMap(({ reference }) => (reference === undefined ? [] : [reference]))).toEqual(a);
      expect(steps.flatMap(({ hypothesis }) => (hypothesis === undefined ? [] : [hypothesis]))).toEqual(b);
      expect(steps.filter(({ kind }) => kind !== "equal")).toHaveLength(distance(a, b));
      for (const { kind, reference, hypothesis } of steps)
        expect(kind === "equal").toBe(reference !== undefined && reference === hypothesis);
    }),
  );
});

test("of equally short alignments it takes jiwer's", () => {
  // Morris et al. 2004: two hits more or less change the match error rate; jiwer says one hit, one substitution, one deletion.
  expect(alignTokens(["X", "Y", "X"], ["X", "Z"]).map(({ kind }) => kind)).toEqual([
    "equal",
    "substitution",
    "deletion",
  ]);
});

test("printed: columns stand below each other, lines break", () => {
  const steps = alignTokens("bin blue at f two now".split(" "), "bin blue at v two".split(" "));
  expect(printAlignment(steps)).toBe(
    ["REF: bin blue at f two now", "HYP: bin blue at v two ***", "                 S     D"].join("\n"),
  );
  const narrow = printAlignment(steps, { width: 14 }).split("\n\n");
  expect(narrow.length).toBeGreaterThan(1);
  expect(narrow.every((block) => block.split("\n").every((line) => line.length <= 14))).toBe(true);
  expect(printAlignment([])).toBe("");
});
