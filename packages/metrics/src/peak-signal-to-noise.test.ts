import { image } from "@prosopon/media";
import fc from "fast-check";
import { expect, test } from "vitest";
import { peakSignalToNoise, psnr } from "./peak-signal-to-noise.ts";

const filled = (value: number, channels: 1 | 3 | 4 = 3) =>
  image(4, 3, channels, new Uint8Array(12 * channels).fill(value));

test("a constant difference d gives 20 log10(255 / d)", () => {
  for (const d of [1, 5, 100, 255])
    expect(peakSignalToNoise({ reference: filled(0), image: filled(d) })).toBeCloseTo(20 * Math.log10(255 / d), 12);
});

test("identical images: infinite, or 80 dB with piq's epsilon", () => {
  const pair = { reference: filled(7), image: filled(7) };
  expect(peakSignalToNoise(pair)).toBe(Number.POSITIVE_INFINITY);
  expect(peakSignalToNoise(pair, { epsilon: 1e-8 })).toBeCloseTo(80, 10);
});

test("neither the order of the two nor that of the pixels matters", () => {
  const bytes = fc.uint8Array({ minLength: 36, maxLength: 36 });
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      const [x, y] = [image(4, 3, 3, a), image(4, 3, 3, b)];
      const value = peakSignalToNoise({ reference: x, image: y });
      expect(peakSignalToNoise({ reference: y, image: x })).toBe(value);
      const turned = { reference: image(4, 3, 3, a.toReversed()), image: image(4, 3, 3, b.toReversed()) };
      expect(peakSignalToNoise(turned)).toBe(value);
    }),
  );
});

test("the metric is the mean over pairs, and names its form", () => {
  const judgement = psnr().start();
  judgement.add({ reference: filled(0), image: filled(255) });
  judgement.add({ reference: filled(10), image: filled(20) });
  const { count, mean, maximum } = judgement.result();
  expect(count).toBe(2);
  expect(maximum).toBeCloseTo(20 * Math.log10(25.5), 10);
  expect(mean).toBeCloseTo(10 * Math.log10(25.5), 10);
  expect(psnr({ epsilon: 1e-8 }).protocol).toContain("1e-8");
});

test.each([
  ["another size", filled(1), image(3, 4, 3)],
  ["other channels", filled(1), filled(1, 1)],
  ["alpha", filled(1, 4), filled(1, 4)],
])("refuses %s", (_, reference, other) => {
  expect(() => peakSignalToNoise({ reference, image: other })).toThrow(expect.objectContaining({ code: "bad-input" }));
});
