import { expect, test } from "vitest";
import { waveFile } from "./wave-file.ts";

test("a WAV file by the book: RIFF, PCM, one channel, 16 bit, little endian, clipped", async () => {
  const file = waveFile(Float32Array.of(0, 0.5, -1, 3), 16_000);
  const bytes = new DataView(await file.arrayBuffer());
  const text = (at: number): string => String.fromCharCode(...[0, 1, 2, 3].map((i) => bytes.getUint8(at + i)));
  expect([text(0), text(8), text(12), text(36)]).toEqual(["RIFF", "WAVE", "fmt ", "data"]);
  expect(bytes.getUint32(4, true)).toBe(bytes.byteLength - 8);
  expect([bytes.getUint16(20, true), bytes.getUint16(22, true), bytes.getUint16(34, true)]).toEqual([1, 1, 16]);
  expect([bytes.getUint32(24, true), bytes.getUint32(28, true), bytes.getUint16(32, true)]).toEqual([
    16_000, 32_000, 2,
  ]);
  expect(bytes.getUint32(40, true)).toBe(8);
  expect([44, 46, 48, 50].map((at) => bytes.getInt16(at, true))).toEqual([0, 16_384, -32_767, 32_767]);
  expect(file.type).toBe("audio/wav");
});
