import { ProsoponError } from "@prosopon/errors";
import { SAMPLE_RATES } from "./sound.ts";

export interface WavFormat {
  readonly sampleRate: number;
  readonly channelCount: number;
  /** Samples per channel as the header names them; undefined where it does not know, as in a pipe. */
  readonly length: number | undefined;
}

/** A parser of a WAV file that comes in pieces. `name` stands in the messages. */
export interface WavReader {
  /** Undefined until the header is complete. */
  readonly format: WavFormat | undefined;
  /** The samples that these bytes complete, one array a channel; none before the header is complete. */
  push(bytes: Uint8Array): Float32Array[];
  /** To be called after the last bytes. Throws `bad-file` if the file is cut off or holds no sample. */
  end(): void;
}

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;
/** The end of the sub-format GUID, the same for all formats (KSDATAFORMAT_SUBTYPE_*), 14 bytes after the code. */
const GUID_TAIL = "\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71";
const LARGEST_FORMAT = 4096;

type Encoding = "u8" | "s16" | "s24" | "s32" | "f32" | "f64";
const SIZES: Readonly<Record<Encoding, number>> = { u8: 1, s16: 2, s24: 3, s32: 4, f32: 4, f64: 8 };

/**
 * Reads RIFF/WAVE with PCM of 8, 16, 24 and 32 bits and IEEE floats of 32 and 64, plain or WAVE_FORMAT_EXTENSIBLE; chunks of other
 * kinds are skipped. Integers become v / 2^(bits - 1). The functions throw `bad-file`; its `values` hold `unsupported: true` for
 * a file that is sound but differently coded.
 */
export function createWavReader(name: string): WavReader {
  let pending: Uint8Array = new Uint8Array(0);
  let position = 0;
  let skip = 0;
  let begun = false;
  let encoding: Encoding | undefined;
  let blockSize = 0;
  let channelCount = 0;
  let sampleRate = 0;
  let format: WavFormat | undefined;
  let remaining = 0;
  let missing = 0;
  let frames = 0;

  const fail = (what: string, values: Record<string, unknown> = {}): ProsoponError =>
    new ProsoponError("bad-file", `The WAV in ${name} ${what}.`, { values: { name, ...values } });

  const take = (count: number): Uint8Array | undefined => {
    if (pending.length < count) return undefined;
    const bytes = pending.subarray(0, count);
    pending = pending.subarray(count);
    position += count;
    return bytes;
  };

  const readFormat = (bytes: Uint8Array): void => {
    if (bytes.length < 16) throw fail(`has a format chunk of ${bytes.length} bytes; it needs 16`);
    const view = viewOf(bytes);
    let code = view.getUint16(0, true);
    channelCount = view.getUint16(2, true);
    sampleRate = view.getUint32(4, true);
    blockSize = view.getUint16(12, true);
    const bits = view.getUint16(14, true);
    if (code === EXTENSIBLE) {
      if (bytes.length < 40) throw fail("names an extensible format without its description");
      if (textOf(bytes.subarray(26, 40)) !== GUID_TAIL) {
        throw fail("is coded in a private format", { unsupported: true });
      }
      code = view.getUint16(24, true);
    }
    if (channelCount === 0) throw fail("has no channel");
    if (sampleRate < SAMPLE_RATES.least || sampleRate > SAMPLE_RATES.most) {
      throw fail(`has ${sampleRate} samples a second; from ${SAMPLE_RATES.least} to ${SAMPLE_RATES.most} are handled`);
    }
    const size = blockSize / channelCount;
    encoding =
      code === PCM
        ? ([undefined, "u8", "s16", "s24", "s32"] as const)[size]
        : code === FLOAT
          ? size === 4
            ? "f32"
            : size === 8
              ? "f64"
              : undefined
          : undefined;
    if (code !== PCM && code !== FLOAT) throw fail(`is coded in format ${code}`, { code, unsupported: true });
    if (encoding === undefined || bits > 8 * size || bits <= 8 * (size - 1)) {
      throw fail(`disagrees with itself: ${bits} bits, ${channelCount} channels, ${blockSize} bytes a frame`);
    }
  };

  const decode = (): Float32Array[] => {
    if (format === undefined || encoding === undefined) return [];
    const count = Math.floor(Math.min(pending.length, remaining) / blockSize);
    const bytes = take(count * blockSize)!;
    remaining -= bytes.length;
    const channels = deinterleaved(bytes, encoding, channelCount);
    if (encoding === "f32" || encoding === "f64") {
      for (const [channel, samples] of channels.entries()) {
        const broken = samples.findIndex((value) => !Number.isFinite(value));
        if (broken >= 0) {
          throw fail(`holds ${samples[broken]} as sample ${frames + broken} of channel ${channel}`, {
            sample: frames + broken,
            channel,
          });
        }
      }
    }
    frames += count;
    // What follows the samples is of no interest, nor is half a frame.
    if (remaining < blockSize) pending = new Uint8Array(0);
    return channels;
  };

  /** Reads chunk headers until the samples begin; false if more bytes are needed first. */
  const readHeader = (): boolean => {
    for (;;) {
      if (skip > 0) {
        const gone = take(Math.min(skip, pending.length))!.length;
        skip -= gone;
        if (skip > 0) return false;
      }
      if (!begun) {
        const head = take(12);
        if (head === undefined) return false;
        if (textOf(head.subarray(0, 4)) !== "RIFF" || textOf(head.subarray(8)) !== "WAVE") {
          throw fail("does not begin with RIFF and WAVE");
        }
        begun = true;
      }
      if (pending.length < 8) return false;
      const id = textOf(pending.subarray(0, 4));
      const size = viewOf(pending).getUint32(4, true);
      if (id === "fmt " && encoding === undefined) {
        if (size > LARGEST_FORMAT) throw fail(`has a format chunk of ${size} bytes`);
        if (pending.length < 8 + size) return false;
        take(8);
        readFormat(take(size)!);
        skip = size % 2;
      } else if (id === "data") {
        if (encoding === undefined) throw fail("has samples before their format");
        take(8);
        // Writers into pipes cannot know the length; they name about the largest that there is.
        const unknown = size >= 0x7fff_0000;
        remaining = unknown ? Number.POSITIVE_INFINITY : size;
        missing = unknown ? 0 : size;
        format = { sampleRate, channelCount, length: unknown ? undefined : Math.floor(size / blockSize) };
        return true;
      } else {
        take(8);
        // Chunks are padded to an even length.
        skip = size + (size % 2);
      }
    }
  };

  return {
    get format() {
      return format;
    },
    push: (bytes) => {
      if (format !== undefined && remaining < blockSize) return decode();
      pending = pending.length === 0 ? bytes : joined(pending, bytes);
      if (format === undefined && !readHeader()) {
        // The caller may use its buffer again.
        pending = new Uint8Array(pending);
        return [];
      }
      const channels = decode();
      pending = new Uint8Array(pending);
      return channels;
    },
    end: () => {
      if (position === 0 && pending.length === 0) throw fail("is empty: it has no bytes");
      if (format === undefined) throw fail(`is cut off after ${position + pending.length} bytes, before its samples`);
      const got = frames * blockSize;
      if (missing - got >= blockSize) {
        throw fail(`is cut off: its header names ${missing} bytes of samples, ${got} are there`, {
          expected: missing,
          found: got,
        });
      }
      if (frames === 0) throw fail("holds no samples");
    },
  };
}

function deinterleaved(bytes: Uint8Array, encoding: Encoding, channelCount: number): Float32Array[] {
  const size = SIZES[encoding];
  const length = bytes.length / size / channelCount;
  const channels = Array.from({ length: channelCount }, () => new Float32Array(length));
  const view = viewOf(bytes);
  const value = {
    u8: (at: number) => (view.getUint8(at) - 128) / 128,
    s16: (at: number) => view.getInt16(at, true) / 2 ** 15,
    s24: (at: number) => ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 2 ** 23,
    s32: (at: number) => view.getInt32(at, true) / 2 ** 31,
    f32: (at: number) => view.getFloat32(at, true),
    f64: (at: number) => view.getFloat64(at, true),
  }[encoding];
  for (const [channel, samples] of channels.entries()) {
    for (let frame = 0; frame < length; frame += 1) samples[frame] = value((frame * channelCount + channel) * size);
  }
  return channels;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const result = new Uint8Array(first.length + second.length);
  result.set(first);
  result.set(second, first.length);
  return result;
}
