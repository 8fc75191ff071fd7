import { image } from "@prosopon/media";
import { gaussians } from "@prosopon/random";
import { describe, expect, test } from "vitest";
import { features } from "./distribution/features.ts";
import { frechetDistance } from "./distribution/frechet-distance.ts";
import { inceptionScore } from "./distribution/inception-score.ts";
import { kernelDistance, squaredDiscrepancy } from "./distribution/kernel-distance.ts";
import { neighbourhoods } from "./distribution/neighbourhoods.ts";
import { setStatistics } from "./distribution/set-statistics.ts";
import { emotionAccuracy } from "./emotion-accuracy.ts";
import { emotionShift } from "./emotion-shift.ts";
import { identityCosine } from "./identity-cosine.ts";
import type { Metric } from "./metric.ts";
import { multiScaleSimilarity } from "./multi-scale-similarity.ts";
import { peakSignalToNoise } from "./peak-signal-to-noise.ts";
import { structuralSimilarity } from "./structural-similarity.ts";
import { characters, words } from "./text/plain-units.ts";
import { spellingRules } from "./text/spelling-rules.ts";
import { textErrorRate } from "./text/text-error-rate.ts";
import { corpusVisemes } from "./text/viseme-table.ts";
import { visemeCharacters, visemeWords } from "./text/viseme-units.ts";

const bad = expect.objectContaining({ code: "bad-input" });
const set = (count: number, size: number, name: string) =>
  features(Array.from({ length: count }, (_, i) => gaussians(1, name, i, size)));
const result = <Sample, Result>(metric: Metric<Sample, Result>, samples: readonly Sample[]): Result => {
  const judgement = metric.start();
  for (const sample of samples) judgement.add(sample);
  return judgement.result();
};
const how = { protocol: "a test" };

describe("pictures of different sizes, and of other channels, are refused", () => {
  const scores = { peakSignalToNoise, structuralSimilarity, multiScaleSimilarity };
  test.each(Object.entries(scores))("%s", (_, score) => {
    const reference = image(200, 180, 3);
    for (const other of [image(180, 200, 3), image(200, 180, 1), image(1, 1, 3)])
      expect(() => score({ reference, image: other })).toThrow(bad);
    expect(() => score({ reference: image(200, 180, 4), image: image(200, 180, 4) })).toThrow(bad);
  });
});

test("fewer samples than dimensions: defined everywhere, and the Fréchet distance says that it is biased", async () => {
  const [real, generated] = [set(6, 40, "real"), set(5, 40, "generated")];
  const found = await frechetDistance(await setStatistics(real, how), await setStatistics(generated, how));
  expect(found.distance).toBeGreaterThan(0);
  expect(found.warnings).toEqual([expect.stringContaining("5 samples do not fill 40 dimensions")]);
  const kernel = await kernelDistance(real, generated, { subsets: 3, subsetSize: 5 });
  expect(Number.isFinite(kernel.mean)).toBe(true);
  const { precision, recall, density, coverage } = await neighbourhoods(real, generated);
  for (const share of [precision, recall, coverage]) expect(share >= 0 && share <= 1).toBe(true);
  expect(density).toBeGreaterThanOrEqual(0);
});

test("numbers that are none are refused, wherever they come in", async () => {
  const good = set(8, 3, "good");
  const worse = { ...good, data: good.data.map((v, i) => (i === 7 ? Number.NaN : v)) };
  await expect(setStatistics(worse, how)).rejects.toEqual(bad);
  await expect(squaredDiscrepancy(worse, good)).rejects.toEqual(bad);
  await expect(neighbourhoods(good, worse)).rejects.toEqual(bad);
  expect(() => features([[1, Number.POSITIVE_INFINITY]])).toThrow(bad);
  expect(() => inceptionScore().start().add([0, Number.NaN])).toThrow(bad);
  const classes = ["happy", "sad"];
  expect(() =>
    emotionAccuracy({ classes })
      .start()
      .add({ target: "sad", scores: [Number.NaN, 1] }),
  ).toThrow(bad);
  const shift = { target: "sad", before: [0, 1], after: [Number.NaN, 1] };
  expect(() => emotionShift({ classes }).start().add(shift)).toThrow(bad);
  expect(() =>
    identityCosine()
      .start()
      .add({ source: [Number.NaN, 1], edit: [1, 1] }),
  ).toThrow(bad);
  const damaged = { ...(await setStatistics(good, how)), covariance: new Float64Array(9).fill(Number.NaN) };
  await expect(frechetDistance(damaged, damaged)).rejects.toEqual(bad);
});

test("empty sets are refused", async () => {
  const good = set(8, 3, "good");
  const empty = { count: 0, size: 3, data: new Float64Array() };
  expect(() => features([])).toThrow(bad);
  await expect(setStatistics(empty, how)).rejects.toEqual(bad);
  await expect(kernelDistance(empty, good)).rejects.toEqual(bad);
  await expect(neighbourhoods(empty, good)).rejects.toEqual(bad);
  for (const metric of [inceptionScore(), emotionAccuracy({ classes: ["a", "b"] }), textErrorRate(words())])
    expect(() => result(metric as Metric<never, unknown>, [])).toThrow(bad);
});

describe("a single class", () => {
  test("a judge that knows one is refused", () => {
    expect(() => emotionAccuracy({ classes: ["happy"] })).toThrow(bad);
  });
  test("pictures of one target: the others have no row", () => {
    const samples = [0.9, 0.2].map((p) => ({ target: "happy", scores: [p, 1 - p] }));
    const found = result(emotionAccuracy({ classes: ["happy", "sad"] }), samples);
    expect(found).toMatchObject({
      top1: 0.5,
      top2: 1,
      confusion: [
        [1, 1],
        [0, 0],
      ],
    });
    expect(Object.keys(found.perTarget)).toEqual(["happy"]);
  });
  test("an Inception Score of one class, or of pictures that all show the same, is 1", () => {
    expect(result(inceptionScore({ splits: 1 }), [[3], [5]]).mean).toBe(1);
    expect(
      result(inceptionScore({ splits: 1 }), [
        [50, 0],
        [50, 0],
      ]).mean,
    ).toBeCloseTo(1, 12);
  });
});

describe("an empty reference text: the rate is the number of insertions", () => {
  const speech = { pronunciation: spellingRules, visemes: corpusVisemes };
  test.each([
    [words(), 2],
    [characters(), 7],
    [visemeWords(speech), 2],
    [visemeCharacters(speech), undefined],
  ] as const)("$name", (units, expected) => {
    const found = result(textErrorRate(units), [{ reference: "", hypothesis: "one two" }]);
    expect(found.rate).toBe(expected ?? found.insertions);
    expect(found.insertions).toBeGreaterThan(0);
    expect(result(textErrorRate(units), [{ reference: "", hypothesis: "" }]).rate).toBe(0);
    expect(result(textErrorRate(units), [{ reference: "one two", hypothesis: "" }]).rate).toBe(1);
  });
});
