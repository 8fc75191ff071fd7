import { logMel } from "@prosopon/conditioning";
import { expect, test } from "vitest";
import { varyFeatures } from "./vary-features.ts";

const centres = logMel().bandCentres;
const bands = centres.length;
const windows = () => Float32Array.from({ length: 6 * 4 * bands }, (_, i) => Math.sin(i / 7) * 0.5 - 0.3);
const varied = (seed: number, step: number) => {
  const result = windows();
  varyFeatures(result, 6, { centres, seed, step });
  return result;
};

test("the same seed and step vary windows alike, others differently", () => {
  expect(varied(1, 1)).toEqual(varied(1, 1));
  expect(varied(1, 1)).not.toEqual(varied(1, 2));
  expect(varied(1, 1)).not.toEqual(varied(2, 1));
});

test("what is varied is still log-mel: finite, not below silence, and like what it was", () => {
  const [before, after] = [windows(), varied(1, 3)];
  expect(after.every((v) => Number.isFinite(v) && v >= -1 - 1e-6)).toBe(true);
  const mean = (list: Float32Array) => list.reduce((a, b) => a + b, 0) / list.length;
  const [x, y] = [mean(before), mean(after)];
  let [xy, xx, yy] = [0, 0, 0];
  before.forEach((v, i) => {
    xy += (v - x) * (after[i]! - y);
    xx += (v - x) ** 2;
    yy += (after[i]! - y) ** 2;
  });
  expect(xy / Math.sqrt(xx * yy)).toBeGreaterThan(0.3);
  expect(after).not.toEqual(before);
});

test("a share of the windows stays as it was", () => {
  const [count, size] = [400, 4 * bands];
  const before = Float32Array.from({ length: count * size }, (_, i) => Math.sin(i / 7) * 0.5 - 0.3);
  const after = before.slice();
  varyFeatures(after, count, { centres, seed: 1, step: 1, share: 0.25 });
  const kept = Array.from({ length: count }, (_, n) => n * size).filter((at) =>
    after.subarray(at, at + size).every((v, i) => v === before[at + i]),
  );
  expect(kept.length / count).toBeGreaterThan(0.65);
  expect(kept.length / count).toBeLessThan(0.85);
});
