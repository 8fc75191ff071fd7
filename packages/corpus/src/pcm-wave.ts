import { ProsoponError } from "@prosopon/errors";

/** Sound on one channel, -1 to 1. */
export interface Sound {
  readonly samples: Float32Array;
  readonly sampleRate: number;
}

/** Reads a 16-bit mono WAVE file, as speech synthesizers write it. Throws `bad-file` for anything else. */
export function decodeWave(bytes: Uint8Array): Sound {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = (at: number): string =>
    at + 4 <= bytes.length ? String.fromCharCode(...bytes.subarray(at, at + 4)) : "";
  let [sampleRate, pcm] = [0, false];
  if (tag(0) === "RIFF" && tag(8) === "WAVE") {
    for (let at = 12; at + 8 <= bytes.length; ) {
      const size = view.getUint32(at + 4, true);
      if (tag(at) === "fmt " && at + 24 <= bytes.length) {
        pcm = view.getUint16(at + 8, true) === 1 && view.getUint16(at + 10, true) === 1;
        sampleRate = view.getUint32(at + 12, true);
        pcm &&= view.getUint16(at + 22, true) === 16;
      } else if (tag(at) === "data" && pcm && sampleRate > 0) {
        const count = Math.floor(Math.min(size, bytes.length - at - 8) / 2);
        const samples = Float32Array.from({ length: count }, (_, n) => view.getInt16(at + 8 + 2 * n, true) / 32_768);
        return { samples, sampleRate };
      }
      at += 8 + size + (size % 2);
    }
  }
  throw new ProsoponError("bad-file", "This is no 16-bit mono WAVE file.", { values: { bytes: bytes.length } });
}

/** A 16-bit mono WAVE file; samples beyond -1 to 1 are clipped. */
export function encodeWave({ samples, sampleRate }: Sound): Uint8Array {
  const bytes = new Uint8Array(44 + 2 * samples.length);
  const view = new DataView(bytes.buffer);
  const text = (at: number, value: string): void => {
    for (let n = 0; n < value.length; n += 1) bytes[at + n] = value.charCodeAt(n);
  };
  text(0, "RIFF");
  view.setUint32(4, 36 + 2 * samples.length, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((value, n) => {
    view.setInt16(44 + 2 * n, Math.round(Math.max(-1, Math.min(1, value)) * 32_767), true);
  });
  return bytes;
}
