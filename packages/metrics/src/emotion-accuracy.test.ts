import { expect, test } from "vitest";
import { emotionAccuracy } from "./emotion-accuracy.ts";

const metric = emotionAccuracy({ classes: ["neutral", "happy", "sad"], judge: "nobody" });

test("counts by hand: top-1, top-2, confusion and shares", () => {
  const judgement = metric.start();
  judgement.add({ target: "happy", scores: [0, 3, 1] });
  judgement.add({ target: "happy", scores: [5, 3, 1] });
  judgement.add({ target: "happy", scores: [5, -9, 1] });
  judgement.add({ target: "happy", scores: Float32Array.of(0, 1, 2) });
  judgement.add({ target: "sad", scores: [0, 0, 4] });
  const result = judgement.result();
  expect(result).toMatchObject({ count: 5, top1: 2 / 5, top2: 4 / 5 });
  expect(result.confusion).toEqual([
    [0, 0, 0],
    [2, 1, 1],
    [0, 0, 1],
  ]);
  expect(result.perTarget).toEqual({
    happy: { count: 4, top1: 0.25, top2: 0.75, shares: { neutral: 0.5, happy: 0.25, sad: 0.25 } },
    sad: { count: 1, top1: 1, top2: 1, shares: { neutral: 0, happy: 0, sad: 1 } },
  });
});

test("of equal scores the first class is the better one", () => {
  const judgement = metric.start();
  judgement.add({ target: "sad", scores: [1, 1, 1] });
  judgement.add({ target: "neutral", scores: [1, 1, 1] });
  expect(judgement.result()).toMatchObject({ top1: 0.5, top2: 0.5 });
});

test.each([
  ["an emotion that the judge does not know", { target: "contempt", scores: [0, 1, 2] }],
  ["too few scores", { target: "sad", scores: [0, 1] }],
  ["scores that are no numbers", { target: "sad", scores: [0, Number.NaN, 1] }],
])("refuses %s", (_, sample) => {
  expect(() => metric.start().add(sample)).toThrow(expect.objectContaining({ code: "bad-input" }));
});

test("refuses classes of one name", () => {
  expect(() => emotionAccuracy({ classes: ["sad", "sad"] })).toThrow(/different classes/);
});
