import { isProsoponError } from "@prosopon/errors";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mono } from "./mono.ts";
import { readWav } from "./read-wav.ts";
import { sound, soundSeconds } from "./sound.ts";
import { createWavReader } from "./wav-reader.ts";
import { type WavEncoding, writeWav } from "./write-wav.ts";

const ramp = (channels: number, length = 500) =>
  sound(
    16_000,
    Array.from({ length: channels }, (_, channel) =>
      Float32Array.from({ length }, (_, at) => Math.sin(at * 0.05 + channel) * 0.9),
    ),
  );
const steps: Record<WavEncoding, number> = { u8: 2 ** -7, s16: 2 ** -15, s24: 2 ** -23, s32: 2 ** -31, f32: 0, f64: 0 };

describe.each(Object.entries(steps) as [WavEncoding, number][])("%s", (encoding, step) => {
  test.each([1, 2, 8])("%i channels come back to half a step", (channels) => {
    const source = ramp(channels);
    const bytes = writeWav(source, { encoding });
    const result = readWav(bytes);
    expect(result.sampleRate).toBe(16_000);
    expect(result.channels.length).toBe(channels);
    for (const [channel, samples] of result.channels.entries()) {
      expect(samples.length).toBe(500);
      for (const [at, value] of samples.entries()) {
        expect(Math.abs(value - source.channels[channel]![at]!)).toBeLessThanOrEqual(step / 2 + 2 ** -25);
      }
    }
    // What was rounded once is not changed again.
    expect(writeWav(result, { encoding })).toEqual(bytes);
  });
});

test("integers clip at full scale, floats keep what is beyond", () => {
  const loud = sound(8000, [new Float32Array([1, -1, 3, -3, 0.5])]);
  expect(Array.from(readWav(writeWav(loud)).channels[0]!)).toEqual([1 - 2 ** -15, -1, 1 - 2 ** -15, -1, 0.5]);
  expect(readWav(writeWav(loud, { encoding: "f32" }))).toEqual(loud);
});

const chunk = (id: string, body: Uint8Array): number[] => [
  ...Array.from(id, (character) => character.charCodeAt(0)),
  ...new Uint8Array(new Uint32Array([body.length]).buffer),
  ...body,
  ...(body.length % 2 === 1 ? [0] : []),
];

test("chunks of other kinds and odd lengths are skipped, in pieces of every size", () => {
  const plain = writeWav(ramp(2, 40));
  const file = Uint8Array.from([
    ...plain.subarray(0, 12),
    ...chunk("LIST", new Uint8Array(7)),
    ...plain.subarray(12, 36),
    ...chunk("junk", new Uint8Array(33)),
    ...plain.subarray(36),
    ...chunk("id3 ", new Uint8Array(5)),
  ]);
  expect(readWav(file)).toEqual(readWav(plain));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 12 }), (sizes) => {
      const reader = createWavReader("x");
      const left: number[] = [];
      for (let at = 0, turn = 0; at < file.length; turn += 1) {
        const size = sizes[turn % sizes.length]!;
        left.push(...(reader.push(file.slice(at, at + size))[0] ?? []));
        at += size;
      }
      reader.end();
      expect(left).toEqual(Array.from(readWav(plain).channels[0]!));
    }),
    { numRuns: 50 },
  );
});

test("says what is wrong: empty, no WAV, cut off, no samples, NaN, too long, other codings", () => {
  const file = writeWav(ramp(1), { encoding: "f32" });
  const edited = (edit: (view: DataView) => void, from = file): Uint8Array => {
    const copy = Uint8Array.from(from);
    edit(new DataView(copy.buffer));
    return copy;
  };
  const cases: [Uint8Array, RegExp][] = [
    [new Uint8Array(), /is empty/],
    [new Uint8Array(100), /RIFF and WAVE/],
    [file.subarray(0, 30), /cut off after 30 bytes, before its samples/],
    [file.subarray(0, 1000), /names 2000 bytes of samples, 956 are there/],
    [writeWav(ramp(1, 0)), /holds no samples/],
    [edited((view) => view.setFloat32(44 + 40, Number.NaN, true)), /holds NaN as sample 10 of channel 0/],
    [edited((view) => view.setFloat32(44, Number.POSITIVE_INFINITY, true)), /holds Infinity as sample 0/],
    [edited((view) => view.setUint16(20, 6, true)), /coded in format 6/],
    [edited((view) => view.setUint16(22, 0, true)), /no channel/],
    [edited((view) => view.setUint32(24, 3, true)), /has 3 samples a second/],
    [edited((view) => view.setUint16(34, 9, true)), /disagrees with itself: 9 bits/],
  ];
  for (const [bytes, message] of cases) {
    expect(() => readWav(bytes, { name: "a.wav" })).toThrow(message);
    expect(() => readWav(bytes)).toThrow(expect.objectContaining({ code: "bad-file" }));
  }
  expect(() => readWav(file, { limitSeconds: 0.01 })).toThrow(/lasts longer; at most 0.01 s/);
  expect(() => writeWav(sound(8000, [new Float32Array([0, Number.NaN])]))).toThrow(/Sample 1 of channel 0 is NaN/);
  // A pipe's header names no length; its samples are all that follow.
  const piped = edited((view) => view.setUint32(40, 0xffff_ffff, true));
  expect(readWav(piped)).toEqual(readWav(file));
  expect(() => readWav(piped, { limitSeconds: 0.01 })).toThrow(/at most 0.01 s/);
});

test("damage ends in a sound or in bad-file", () => {
  const file = writeWav(ramp(3, 20), { encoding: "f32" });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      fc.nat(file.length),
      (edits, length) => {
        const damaged = Uint8Array.from(file.subarray(0, length));
        for (const [at, value] of edits) if (at < damaged.length) damaged[at] = value;
        try {
          expect(readWav(damaged).channels[0]!.length).toBeGreaterThan(0);
        } catch (error) {
          if (!isProsoponError(error)) throw error;
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test("one sample is a sound; mono is the mean; unequal channels are refused", () => {
  const one = sound(16_000, [new Float32Array([0.5])]);
  expect(readWav(writeWav(one))).toEqual(one);
  expect(soundSeconds(one)).toBe(1 / 16_000);
  const two = sound(16_000, [new Float32Array([1, 0]), new Float32Array([0, 0.5])]);
  expect(Array.from(mono(two).channels[0]!)).toEqual([0.5, 0.25]);
  expect(mono(one)).toBe(one);
  expect(() => sound(16_000, [new Float32Array(2), new Float32Array(3)])).toThrow(/Channel 1 has 3/);
  expect(() => sound(16_000, [])).toThrow(/at least one channel/);
});
