import { describe, expect, it } from "vitest";
import { sentence, sentenceCount, sentences } from "./sentence.ts";

describe("sentences", () => {
  it("are a few thousand different ones, always the same", () => {
    const plain = sentences();
    expect(plain).toHaveLength(sentenceCount);
    expect(new Set(plain).size).toBeGreaterThan(0.99 * sentenceCount);
    expect(new Set(sentences("grid")).size).toBeGreaterThan(0.95 * sentenceCount);
    expect(sentence(17)).toBe(plain[17]);
  });

  it("are plain English text: capitals, words, one mark at the end", () => {
    for (const text of sentences()) expect(text).toMatch(/^[A-Z][A-Za-z' ,]+[.?]$/);
    const words = new Set(sentences().flatMap((text) => text.toLowerCase().match(/[a-z']+/g) ?? []));
    expect(words.size).toBeGreaterThan(400);
    // An article never meets the wrong sound.
    expect(sentences().filter((text) => / a [aeio]/.test(text))).toEqual([]);
  });

  it("follow GRID's six places", () => {
    for (const text of sentences("grid")) {
      expect(text).toMatch(
        /^(bin|lay|place|set) (blue|green|red|white) (at|by|in|with) [A-VX-Z] \w+ (again|now|please|soon)$/,
      );
    }
  });

  it("end somewhere", () => {
    expect(() => sentence(sentenceCount)).toThrow(/no sentence 4000/);
    expect(() => sentence(-1, "grid")).toThrow(/no sentence -1/);
  });
});
