import { expect, it } from "vitest";
import { resampleSound } from "./resample-sound.ts";

const tone = (hertz: number, length: number): Float32Array =>
  Float32Array.from({ length }, (_, n) => Math.sin((2 * Math.PI * hertz * n) / 16_000));

it("reads a tone faster or slower: the same wave at another pitch", () => {
  for (const ratio of [0.5, 0.86, 1, 1.28, 2]) {
    const result = resampleSound(tone(440, 8000), ratio);
    expect(result.length).toBe(Math.round(8000 / ratio));
    const wanted = tone(440 * ratio, result.length);
    const errors = result.map((value, n) => Math.abs(value - wanted[n]!)).subarray(100, -100);
    expect(Math.max(...errors)).toBeLessThan(0.004);
  }
});

it("lets nothing through that the result cannot hold", () => {
  const aliased = resampleSound(tone(7000, 8000), 2).subarray(100, 3900);
  expect(Math.max(...aliased.map(Math.abs))).toBeLessThan(0.01);
});
