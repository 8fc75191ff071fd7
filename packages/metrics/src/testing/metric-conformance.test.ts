import { image, type Point } from "@prosopon/media";
import { describe, expect, test } from "vitest";
import { emotionAccuracy } from "../emotion-accuracy.ts";
import { identityCosine } from "../identity-cosine.ts";
import { landmarkError } from "../landmark-error.ts";
import { meanMetric } from "../mean-metric.ts";
import { nearestIdentity } from "../nearest-identity.ts";
import { psnr } from "../peak-signal-to-noise.ts";
import { ssim } from "../structural-similarity.ts";
import { metricConformance } from "./metric-conformance.ts";

const grey = (value: number) => image(12, 12, 1, new Uint8Array(144).fill(value));
const pairs = [
  { reference: grey(1), image: grey(2) },
  { reference: grey(1), image: grey(90) },
];
const wrong = { reference: grey(1), image: image(1, 1, 1) };
const face = Array.from({ length: 68 }, (_, i): Point => [i, i % 7]);
const vectors = [
  { person: "a", source: [1, 0], edit: [1, 0.1] },
  { person: "b", source: [0, 1], edit: [1, 0] },
];
const broken = { person: "c", source: [1, 0], edit: [1] };
const everyMetric = {
  psnr: metricConformance({ metric: psnr(), samples: pairs, bad: wrong }),
  ssim: metricConformance({ metric: ssim(), samples: pairs, bad: wrong }),
  "identity-cosine": metricConformance({ metric: identityCosine(), samples: vectors, bad: broken }),
  "nearest-identity": metricConformance({ metric: nearestIdentity({ others: 1 }), samples: vectors, bad: broken }),
  "emotion-accuracy": metricConformance({
    metric: emotionAccuracy({ classes: ["x", "y"] }),
    samples: [
      { target: "x", scores: [1, 0] },
      { target: "y", scores: [1, 0] },
    ],
    bad: { target: "z", scores: [1, 0] },
  }),
  "landmark-error": metricConformance({
    metric: landmarkError(),
    samples: [{ expected: face, found: face }],
    bad: { expected: face, found: [] },
  }),
};

describe.each(Object.entries(everyMetric))("%s", (_, cases) => {
  for (const { name, check } of cases) test(name, () => expect(check).not.toThrow());
});

test("the suite notices a metric that shares its state and one that takes anything", () => {
  const values: number[] = [];
  const bad = { ...meanMetric<number>({ name: "bad", protocol: "Bad.", score: (x) => x }) };
  const shared = {
    ...bad,
    start: () => ({ add: (x: number) => void values.push(x), result: () => values.length }),
  };
  const failures = (cases: ReturnType<typeof metricConformance>) =>
    cases.flatMap(({ name, check }) => {
      try {
        check();
        return [];
      } catch {
        return [name];
      }
    });
  expect(failures(metricConformance({ metric: shared, samples: [1, 2], bad: Number.NaN }))).toEqual([
    "has no result without samples",
    "keeps judgements apart",
    "refuses what it cannot judge and goes on",
  ]);
});
