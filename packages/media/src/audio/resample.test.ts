import fc from "fast-check";
import { expect, test } from "vitest";
import { createResampler, resample } from "./resample.ts";
import { sound } from "./sound.ts";

const sine = (rate: number, frequency: number, length: number, phase = 0.3): Float32Array =>
  Float32Array.from({ length }, (_, at) => 0.5 * Math.sin((2 * Math.PI * frequency * at) / rate + phase));
/** The largest magnitude away from the ends, where the silence around the sound shows. */
const peak = (samples: Float32Array): number => samples.slice(400, -400).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
const decibel = (ratio: number): number => 20 * Math.log10(ratio);

const rates = [8000, 11_025, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000, 15_999, 44_101];

test.each(rates)("%i Hz to 16 kHz: a sine keeps place and size, what would be mirrored is gone", (rate) => {
  const length = Math.round(rate * 0.3);
  for (const frequency of [50, 440, 3000, 0.44 * Math.min(rate, 16_000)]) {
    const [result] = resample(sound(rate, [sine(rate, frequency, length)]), 16_000).channels;
    expect(result!.length).toBe(Math.ceil((length * 16_000) / rate));
    // The same sine, sampled at the new rate without any delay.
    const expected = sine(16_000, frequency, result!.length);
    const error = peak(result!.map((value, at) => value - expected[at]!));
    expect(decibel(error / 0.5)).toBeLessThan(-60);
  }
  if (rate <= 16_000) return;
  for (const frequency of [8100, 9000, 0.49 * rate]) {
    if (frequency < 8000 || frequency > rate / 2) continue;
    const alias = peak(resample(sound(rate, [sine(rate, frequency, length)]), 16_000).channels[0]!);
    expect(decibel(alias / 0.5)).toBeLessThan(-60);
    // What a resampler without a filter does with it.
    const [plain] = resample(sound(16_000, [sine(16_000, frequency, 4800)]), 16_000).channels;
    expect(peak(plain!)).toBeGreaterThan(0.4);
  }
});

test("16 kHz to 48 kHz leaves no images above the band", () => {
  const [result] = resample(sound(16_000, [sine(16_000, 7000, 4800)]), 48_000).channels;
  const expected = sine(48_000, 7000, result!.length);
  expect(decibel(peak(result!.map((value, at) => value - expected[at]!)) / 0.5)).toBeLessThan(-60);
});

test("a constant stays, an impulse stays in its place", () => {
  const [flat] = resample(sound(44_100, [new Float32Array(8000).fill(0.25)]), 16_000).channels;
  for (const value of flat!.slice(100, -100)) expect(value).toBeCloseTo(0.25, 6);
  const impulse = new Float32Array(48_000);
  impulse[24_000] = 1;
  const [moved] = resample(sound(48_000, [impulse]), 16_000).channels;
  expect(moved!.indexOf(Math.max(...moved!))).toBe(8000);
});

test("pieces of any lengths give the same bits as the whole", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...rates),
      fc.constantFrom(16_000, 8000, 48_000),
      fc.array(fc.nat(700), { minLength: 1, maxLength: 8 }),
      (from, to, lengths) => {
        const whole = sine(
          from,
          from / 9,
          lengths.reduce((sum, length) => sum + length, 0),
        );
        const resampler = createResampler(from, to);
        const pieces: number[] = [];
        let at = 0;
        for (const length of lengths) {
          pieces.push(...resampler.push(whole.subarray(at, at + length)));
          at += length;
        }
        pieces.push(...resampler.end());
        expect(pieces).toEqual(Array.from(resample(sound(from, [whole]), to).channels[0]!));
        expect(pieces.length).toBe(Math.ceil((whole.length * to) / from));
      },
    ),
    { numRuns: 60 },
  );
});

test("keeps every channel, and refuses impossible rates", () => {
  const source = sound(
    8000,
    Array.from({ length: 8 }, (_, at) => sine(8000, 100 * (at + 1), 800)),
  );
  const { channels } = resample(source, 16_000);
  expect(channels.length).toBe(8);
  expect(channels[7]).toEqual(resample(sound(8000, [source.channels[7]!]), 16_000).channels[0]);
  for (const rate of [0, 16_000.5, Number.NaN, 1e6]) expect(() => resample(source, rate)).toThrow(/is not handled/);
});
