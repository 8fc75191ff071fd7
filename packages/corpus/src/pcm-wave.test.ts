import { expect, it } from "vitest";
import { decodeWave, encodeWave } from "./pcm-wave.ts";

it("reads what it writes, to half a step of 16 bits, and clips", () => {
  const samples = Float32Array.from({ length: 1000 }, (_, n) => 1.2 * Math.sin(n / 9));
  const { samples: read, sampleRate } = decodeWave(encodeWave({ samples, sampleRate: 16_000 }));
  expect([read.length, sampleRate]).toEqual([1000, 16_000]);
  const worst = read.map((value, n) => Math.abs(value - Math.max(-1, Math.min(1, samples[n]!))));
  expect(Math.max(...worst)).toBeLessThan(1.6 / 32_767);
});

it("refuses what is no 16-bit mono WAVE file", () => {
  const stereo = encodeWave({ samples: new Float32Array(4), sampleRate: 16_000 });
  stereo[22] = 2;
  for (const bytes of [stereo, new Uint8Array(0), new Uint8Array(50), new TextEncoder().encode("RIFF1234WAVEfmt ")]) {
    expect(() => decodeWave(bytes)).toThrow(/no 16-bit mono WAVE/);
  }
});
