import { ProsoponError } from "@prosopon/errors";
import { type Sound, sound } from "./sound.ts";

/** Unsigned 8 bits, signed 16, 24 or 32 bits, IEEE floats. */
export type WavEncoding = "u8" | "s16" | "s24" | "s32" | "f32" | "f64";

export interface WriteWavOptions {
  /** Default `s16`. */
  readonly encoding?: WavEncoding;
}

const BYTES: Readonly<Record<WavEncoding, number>> = { u8: 1, s16: 2, s24: 3, s32: 4, f32: 4, f64: 8 };
const GUID_TAIL = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

/**
 * The bytes of a WAV file. Integers are rounded, and clipped at full scale; more than two channels are written as
 * WAVE_FORMAT_EXTENSIBLE. Throws `bad-input` for NaN or infinite samples, and for more than 4 GiB.
 */
export function writeWav(source: Sound, { encoding = "s16" }: WriteWavOptions = {}): Uint8Array<ArrayBuffer> {
  const { sampleRate, channels } = sound(source.sampleRate, source.channels);
  const size = BYTES[encoding];
  if (size === undefined) {
    throw new ProsoponError("bad-input", `WAV is not written as ${String(encoding)}.`, {
      values: { encoding },
      mend: `Use one of ${Object.keys(BYTES).join(", ")}.`,
    });
  }
  const length = channels[0]!.length;
  const dataSize = length * channels.length * size;
  const float = encoding === "f32" || encoding === "f64";
  const extensible = channels.length > 2;
  const headSize = extensible ? 68 : 44;
  if (headSize + dataSize > 0xffff_fff0) {
    throw new ProsoponError("bad-input", `${dataSize} bytes of samples do not fit a WAV file.`, {
      values: { dataSize },
      mend: "Write fewer bits or less sound.",
    });
  }
  const bytes = new Uint8Array(headSize + dataSize + (dataSize % 2));
  const view = new DataView(bytes.buffer);
  const text = (at: number, value: string): void => {
    for (let index = 0; index < value.length; index += 1) bytes[at + index] = value.charCodeAt(index);
  };
  text(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, extensible ? 40 : 16, true);
  view.setUint16(20, extensible ? 0xfffe : float ? 3 : 1, true);
  view.setUint16(22, channels.length, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * channels.length * size, true);
  view.setUint16(32, channels.length * size, true);
  view.setUint16(34, 8 * size, true);
  if (extensible) {
    view.setUint16(36, 22, true);
    view.setUint16(38, 8 * size, true);
    // A mask of 0 gives the channels no places in the room.
    view.setUint32(40, 0, true);
    view.setUint16(44, float ? 3 : 1, true);
    bytes.set(GUID_TAIL, 46);
  }
  text(headSize - 8, "data");
  view.setUint32(headSize - 4, dataSize, true);

  const whole = (value: number, scale: number): number =>
    Math.max(-scale, Math.min(scale - 1, Math.round(value * scale)));
  const put = {
    u8: (at: number, value: number) => view.setUint8(at, whole(value, 128) + 128),
    s16: (at: number, value: number) => view.setInt16(at, whole(value, 2 ** 15), true),
    s24: (at: number, value: number) => {
      const integer = whole(value, 2 ** 23);
      view.setUint16(at, integer & 0xffff, true);
      view.setInt8(at + 2, integer >> 16);
    },
    s32: (at: number, value: number) => view.setInt32(at, whole(value, 2 ** 31), true),
    f32: (at: number, value: number) => view.setFloat32(at, value, true),
    f64: (at: number, value: number) => view.setFloat64(at, value, true),
  }[encoding];
  for (const [channel, samples] of channels.entries()) {
    for (let frame = 0; frame < length; frame += 1) {
      const value = samples[frame]!;
      if (!Number.isFinite(value)) {
        throw new ProsoponError("bad-input", `Sample ${frame} of channel ${channel} is ${value}.`, {
          values: { frame, channel },
        });
      }
      put(headSize + (frame * channels.length + channel) * size, value);
    }
  }
  return bytes;
}
