import { image } from "@prosopon/media";
import { uniforms } from "@prosopon/random";
import { expect, test } from "vitest";
import { msSsim, multiScaleSimilarity } from "./multi-scale-similarity.ts";
import { structuralSimilarity } from "./structural-similarity.ts";

const noise = (side: number, channels: 1 | 3, name: string) =>
  image(
    side,
    side,
    channels,
    Uint8Array.from(uniforms(9, name, 0, side * side * channels), (v) => Math.floor(v * 256)),
  );

test("one scale is SSIM; the same image 1 at every scale", () => {
  const pair = { reference: noise(40, 3, "a"), image: noise(40, 3, "b") };
  expect(multiScaleSimilarity(pair, { weights: [1] })).toBeCloseTo(Math.max(0, structuralSimilarity(pair)), 2);
  const same = noise(161, 1, "c");
  expect(multiScaleSimilarity({ reference: same, image: same })).toBeCloseTo(1, 12);
});

test("small images are refused, with what would do", () => {
  const small = noise(128, 1, "d");
  expect(() => multiScaleSimilarity({ reference: small, image: small })).toThrow(/128 x 128 .* 5 scales/);
  const four = [0.0448, 0.2856, 0.3001, 0.2363];
  expect(multiScaleSimilarity({ reference: small, image: small }, { weights: four })).toBeCloseTo(1, 12);
  expect(msSsim({ weights: four }).protocol).toContain("4 scales");
});

test("SSIM of grey, luma and mean agree on grey images, and differ on coloured ones", () => {
  const [a, b] = [noise(30, 3, "e"), noise(30, 3, "f")];
  const values = (["channels", "luma", "mean"] as const).map((colour) =>
    structuralSimilarity({ reference: a, image: b }, { colour }),
  );
  expect(new Set(values).size).toBe(3);
  const grey = (x: typeof a) =>
    image(
      30,
      30,
      3,
      x.data.map((_, i) => x.data[i - (i % 3)]!),
    );
  const pair = { reference: grey(a), image: grey(b) };
  const [one, two, three] = (["channels", "luma", "mean"] as const).map((colour) =>
    structuralSimilarity(pair, { colour }),
  );
  expect(two).toBeCloseTo(one!, 10);
  expect(three).toBeCloseTo(one!, 10);
});

test("uniform window: one window of 7 x 7 by the sample's formula", () => {
  const pair = { reference: noise(7, 1, "g"), image: noise(7, 1, "h") };
  const [x, y] = [pair.reference.data, pair.image.data];
  const mean = (v: Uint8Array) => v.reduce((p, q) => p + q, 0) / 49;
  const [mx, my] = [mean(x), mean(y)];
  const cov = (p: Uint8Array, q: Uint8Array, mp: number, mq: number) =>
    p.reduce((s, v, i) => s + (v - mp) * (q[i]! - mq), 0) / 48;
  const [C1, C2] = [2.55 ** 2, 7.65 ** 2];
  const expected =
    ((2 * mx * my + C1) * (2 * cov(x, y, mx, my) + C2)) /
    ((mx ** 2 + my ** 2 + C1) * (cov(x, x, mx, mx) + cov(y, y, my, my) + C2));
  expect(structuralSimilarity(pair, { window: "uniform" })).toBeCloseTo(expected, 10);
});
