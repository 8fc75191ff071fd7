import { type Image, image } from "@prosopon/media";
import { expect, test } from "vitest";
import { ssim, structuralSimilarity } from "./structural-similarity.ts";

let state = 1;
const noise = (width: number, height: number, channels: 1 | 3): Image =>
  image(
    width,
    height,
    channels,
    Uint8Array.from({ length: width * height * channels }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    }),
  );
const filled = (value: number) => image(20, 15, 3, new Uint8Array(900).fill(value));
const [C1, C2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];

test("an image and itself: 1", () => {
  const reference = noise(30, 20, 3);
  expect(structuralSimilarity({ reference, image: reference })).toBeCloseTo(1, 12);
});

test("two even images: only the luminance term is left", () => {
  for (const [a, b] of [
    [0, 255],
    [100, 110],
  ] as const)
    expect(structuralSimilarity({ reference: filled(a), image: filled(b) })).toBeCloseTo(
      (2 * a * b + C1) / (a * a + b * b + C1),
      9,
    );
});

test("one window: Eq. 13 with a Gaussian written out in two dimensions", () => {
  const [x, y] = [noise(11, 11, 1), noise(11, 11, 1)];
  const w = Array.from({ length: 121 }, (_, i) =>
    Math.exp(-(((i % 11) - 5) ** 2 + (Math.floor(i / 11) - 5) ** 2) / 4.5),
  );
  const total = w.reduce((a, b) => a + b);
  const mean = (f: (i: number) => number) => w.reduce((sum, v, i) => sum + v * f(i), 0) / total;
  const [mx, my] = [mean((i) => x.data[i]!), mean((i) => y.data[i]!)];
  const vx = mean((i) => (x.data[i]! - mx) ** 2);
  const vy = mean((i) => (y.data[i]! - my) ** 2);
  const vxy = mean((i) => (x.data[i]! - mx) * (y.data[i]! - my));
  const expected = ((2 * mx * my + C1) * (2 * vxy + C2)) / ((mx * mx + my * my + C1) * (vx + vy + C2));
  expect(structuralSimilarity({ reference: x, image: y })).toBeCloseTo(expected, 10);
});

test("an inverted image is unlike, below 0; order does not matter", () => {
  const reference = noise(24, 24, 1);
  const inverted = { ...reference, data: reference.data.map((v) => 255 - v) };
  const value = structuralSimilarity({ reference, image: inverted });
  expect(value).toBeLessThan(-0.5);
  expect(structuralSimilarity({ reference: inverted, image: reference })).toBeCloseTo(value, 12);
});

test("RGB is the mean of its channels", () => {
  const [a, b] = [noise(16, 14, 3), noise(16, 14, 3)];
  const channel = (source: Image, c: number) =>
    image(
      16,
      14,
      1,
      source.data.filter((_, i) => i % 3 === c),
    );
  const single = [0, 1, 2].map((c) => structuralSimilarity({ reference: channel(a, c), image: channel(b, c) }));
  expect(structuralSimilarity({ reference: a, image: b })).toBeCloseTo((single[0]! + single[1]! + single[2]!) / 3, 12);
});

test("downsampling averages blocks from 384 pixels on", () => {
  const doubled = ({ width, height, data }: Image) =>
    image(
      2 * width,
      2 * height,
      1,
      Uint8Array.from(
        { length: 4 * data.length },
        (_, i) => data[Math.floor(i / (4 * width)) * width + Math.floor((i % (2 * width)) / 2)]!,
      ),
    );
  const pair = { reference: noise(192, 200, 1), image: noise(192, 200, 1) };
  const twice = { reference: doubled(pair.reference), image: doubled(pair.image) };
  const value = structuralSimilarity(pair);
  expect(structuralSimilarity(pair, { downsample: true })).toBe(value);
  expect(structuralSimilarity(twice, { downsample: true })).toBeCloseTo(value, 10);
  expect(Math.abs(structuralSimilarity(twice) - value)).toBeGreaterThan(1e-3);
});

test("less than a window is refused", () => {
  const small = image(30, 10, 1);
  expect(() => structuralSimilarity({ reference: small, image: small })).toThrow(/window of 11/);
});

test("the metric is the mean over pairs", () => {
  const judgement = ssim().start();
  judgement.add({ reference: filled(9), image: filled(9) });
  judgement.add({ reference: filled(0), image: filled(255) });
  expect(judgement.result().mean).toBeCloseTo((1 + C1 / (255 ** 2 + C1)) / 2, 9);
});
