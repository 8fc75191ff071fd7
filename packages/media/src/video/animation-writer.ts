import { type FileHandle, open } from "node:fs/promises";
import { extname } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import { encodeImage } from "../encode-image.ts";
import { firstLine } from "../first-line.ts";
import type { Image } from "../image.ts";
import { type FrameRate, frameRate, frameTime } from "./frame-rate.ts";
import type { FrameWriter } from "./frame-writer.ts";
import { type PartialFile, partialFile } from "./partial-file.ts";

export interface AnimationWriterOptions {
  /** At most 16383 pixels. */
  readonly width: number;
  readonly height: number;
  readonly frameRate: FrameRate;
  /** 1 to 100, default 80. */
  readonly quality?: number;
  /** How often it is shown; 0 (the default) is for ever. */
  readonly loops?: number;
  /** Puts the whole file, which lies beside, in its place: for a last change before it is seen. Default: it is renamed. */
  readonly place?: (whole: string) => Promise<void>;
  readonly signal?: AbortSignal;
}

const RIFF_LIMIT = 0xffff_fff0;

/**
 * Begins an animated `.webp`: moving pictures without sound where there is no ffmpeg. Each frame is a picture of its own (encoded by
 * sharp), so the memory stays flat; its times are rounded to milliseconds without drift (RFC 9649, 2.7.1).
 *
 * Throws `bad-input` for another ending, impossible sizes or options, and more than 4 GiB; `output` if it cannot be written;
 * `cancelled`. Nothing is left behind then.
 */
export async function openAnimationWriter(file: string, options: AnimationWriterOptions): Promise<FrameWriter> {
  const { width, height, quality = 80, loops = 0, signal } = options;
  const rate = frameRate(options.frameRate.numerator, options.frameRate.denominator);
  if (extname(file).toLowerCase() !== ".webp") {
    throw new ProsoponError("bad-input", `${file} does not end in .webp.`, { values: { file } });
  }
  if (![width, height].every((side) => Number.isInteger(side) && side >= 1 && side <= 16_383)) {
    throw new ProsoponError("bad-input", `An animation of ${width} x ${height} pixels is impossible.`, {
      values: { width, height },
    });
  }
  if (!(Number.isInteger(loops) && loops >= 0 && loops < 2 ** 16)) {
    throw new ProsoponError("bad-input", `${loops} loops are impossible.`, { values: { loops } });
  }
  const partial = await partialFile(file, options.place);
  const handle = await open(partial.path, "wx").catch((error) => {
    throw unwritable(file, error);
  });
  const head = new Uint8Array(44);
  const view = new DataView(head.buffer);
  text(head, 0, "RIFF\0\0\0\0WEBPVP8X");
  view.setUint32(16, 10, true);
  // The flag of an animation.
  head[20] = 0x02;
  uint24(head, 24, width - 1);
  uint24(head, 27, height - 1);
  text(head, 30, "ANIM");
  view.setUint32(34, 6, true);
  view.setUint16(42, loops, true);
  return animation({ file, handle, partial, head, width, height, quality, rate, signal });
}

interface Machine {
  readonly file: string;
  readonly handle: FileHandle;
  readonly partial: PartialFile;
  readonly head: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly quality: number;
  readonly rate: FrameRate;
  readonly signal: AbortSignal | undefined;
}

function animation({ file, handle, partial, head, width, height, quality, rate, signal }: Machine): FrameWriter {
  let count = 0;
  let size = head.length;
  let closed = false;
  const abort = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await handle.close().catch(() => {});
    await partial.remove();
  };
  /** Leaves nothing behind when something fails. */
  const guarded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      if (closed) throw new ProsoponError("bad-input", "The animation is closed already.");
      if (signal?.aborted) throw new ProsoponError("cancelled", `Writing ${file} was cancelled.`);
      return await work();
    } catch (error) {
      await abort().catch(() => {});
      throw error instanceof ProsoponError ? error : unwritable(file, error);
    }
  };
  const put = async (bytes: Uint8Array, at: number): Promise<void> => {
    for (let done = 0; done < bytes.length; ) {
      done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
    }
  };
  return {
    write: (frame: Image) =>
      guarded(async () => {
        if (frame.width !== width || frame.height !== height) {
          throw new ProsoponError(
            "bad-input",
            `Frame ${count} is ${frame.width} x ${frame.height}, the animation ${width} x ${height} pixels.`,
          );
        }
        // The chunks of the picture follow the head of a still file, and of its VP8X where it has one.
        const still = await encodeImage(frame, "image/webp", { quality });
        const first = String.fromCharCode(...still.subarray(12, 16)) === "VP8X" ? 30 : 12;
        if (first === 30) head[20]! |= still[20]! & 0x10;
        const picture = still.subarray(first);
        const part = new Uint8Array(24 + picture.length);
        text(part, 0, "ANMF");
        new DataView(part.buffer).setUint32(4, 16 + picture.length, true);
        uint24(part, 14, width - 1);
        uint24(part, 17, height - 1);
        const time = (index: number): number => Math.round(1000 * frameTime(rate, index));
        uint24(part, 20, time(count + 1) - time(count));
        // Do not blend with what is below.
        part[23] = 0x02;
        part.set(picture, 24);
        if (size + part.length > RIFF_LIMIT) throw new ProsoponError("bad-input", "An animation has at most 4 GiB.");
        await put(part, size);
        size += part.length;
        count += 1;
      }),
    close: async () => {
      await guarded(async () => {
        if (count === 0) throw new ProsoponError("bad-input", "An animation needs at least one frame.");
        new DataView(head.buffer).setUint32(4, size - 8, true);
        await put(head, 0);
        closed = true;
        await handle.close();
      });
      await partial.finish();
      return { frames: count, seconds: frameTime(rate, count) };
    },
    abort,
    [Symbol.asyncDispose]: abort,
  };
}

/** Writes all frames into an animated WebP file: `openAnimationWriter` for frames that are there. */
export async function writeAnimation(
  file: string,
  frames: AsyncIterable<Image> | Iterable<Image>,
  options: AnimationWriterOptions,
): Promise<{ readonly frames: number; readonly seconds: number }> {
  await using writer = await openAnimationWriter(file, options);
  for await (const frame of frames) await writer.write(frame);
  return await writer.close();
}

function text(bytes: Uint8Array, at: number, value: string): void {
  for (let index = 0; index < value.length; index += 1) bytes[at + index] = value.charCodeAt(index);
}

function uint24(bytes: Uint8Array, at: number, value: number): void {
  for (let byte = 0; byte < 3; byte += 1) bytes[at + byte] = value >>> (8 * byte);
}

function unwritable(file: string, error: unknown): ProsoponError {
  return new ProsoponError("output", `${file} could not be written: ${firstLine(error)}.`, {
    values: { file },
    cause: error,
  });
}
