import { expect, it } from "vitest";
import { varyRecording } from "./vary-recording.ts";

/** A second of silence, a second of buzz, a second of silence. */
const dry = Float32Array.from({ length: 48_000 }, (_, n) =>
  n >= 16_000 && n < 32_000 ? ((n % 130) / 130 - 0.5) * 0.4 : 0,
);
const power = (samples: Float32Array, from: number, to: number): number =>
  samples.subarray(from, to).reduce((sum, value) => sum + value * value, 0) / (to - from);

it("gives the same for the same seed, and something else for each other", () => {
  const one = varyRecording(dry, { seed: 1, sampleRate: 16_000 });
  const same = (options: { seed: number; range?: "unseen" }): boolean =>
    varyRecording(dry, { sampleRate: 16_000, ...options }).every((value, n) => value === one[n]);
  expect([same({ seed: 1 }), same({ seed: 2 }), same({ seed: 1, range: "unseen" })]).toEqual([true, false, false]);
});

it("keeps length, range and timing, and differs in loudness and background", () => {
  const loud: number[] = [];
  const contrast: number[] = [];
  for (let seed = 0; seed < 24; seed += 1) {
    const range = seed % 2 ? "unseen" : "train";
    const wet = varyRecording(dry, { seed, sampleRate: 16_000, range });
    expect(wet.length).toBe(dry.length);
    expect(wet.every((value) => Math.abs(value) <= 1)).toBe(true);
    const voice = power(wet, 16_000, 32_000);
    loud.push(10 * Math.log10(voice));
    contrast.push(10 * Math.log10(voice / (power(wet, 0, 15_000) + 1e-12)));
    // The voice begins where it began: 10 ms on either side of the onset differ.
    expect(power(wet, 16_000, 16_160), `seed ${seed}`).toBeGreaterThan(1.2 * power(wet, 15_840, 16_000));
  }
  expect(Math.max(...loud) - Math.min(...loud)).toBeGreaterThan(10);
  expect(Math.min(...contrast)).toBeGreaterThan(1);
  expect(Math.max(...contrast)).toBeGreaterThan(30);
});

it("leaves silence finite", () => {
  expect(varyRecording(new Float32Array(5000), { seed: 3, sampleRate: 16_000 }).every(Number.isFinite)).toBe(true);
  expect(varyRecording(new Float32Array(0), { seed: 3, sampleRate: 16_000 })).toHaveLength(0);
});
