import { describe, expect, test } from "vitest";
import { emotionShift } from "./emotion-shift.ts";
import { metricConformance } from "./testing.ts";

const classes = ["neutral", "happy"];

describe.each(
  metricConformance({
    metric: emotionShift({ classes }),
    samples: [
      { target: "happy", before: [0, 0], after: [0, 2] },
      { target: "neutral", before: [0, 0], after: [0, 1] },
    ],
    bad: { target: "happy", before: [0, 0], after: [0, Number.NaN] },
  }),
)("as every metric", ({ name, check }) => {
  test(name, check);
});

test("change of the target's probability, by target", () => {
  const judgement = emotionShift({ classes }).start();
  judgement.add({ target: "happy", before: [0, 0], after: [0, Math.log(3)] });
  judgement.add({ target: "neutral", before: [0, 0], after: [0, Math.log(3)] });
  const { mean, perTarget } = judgement.result();
  expect(mean).toBeCloseTo(0, 12);
  expect(perTarget["happy"]!.mean).toBeCloseTo(0.25, 12);
  const plain = emotionShift({ classes, scores: "probabilities" }).start();
  plain.add({ target: "happy", before: [0.9, 0.1], after: [0.2, 0.8] });
  expect(plain.result().mean).toBeCloseTo(0.7, 12);
});
