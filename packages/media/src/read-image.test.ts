import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isProsoponError } from "@prosopon/errors";
import fc from "fast-check";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { readImage } from "./read-image.ts";

const folder = mkdtempSync(join(tmpdir(), "prosopon-media-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Left half red, right half blue, the top row white. */
const raw = Uint8Array.from({ length: 16 * 12 * 3 }, (_, index) => {
  const channel = index % 3;
  const x = Math.floor(index / 3) % 16;
  if (index < 16 * 3) return 255;
  return channel === (x < 8 ? 0 : 2) ? 255 : 0;
});
const source = () => sharp(raw, { raw: { width: 16, height: 12, channels: 3 } });
const png = await source().png().toBuffer();
const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, index) => (index * 2_654_435_761) >>> 24);
const noisy = () => sharp(noise, { raw: { width: 64, height: 64, channels: 3 } });

const pixel = (picture: { width: number; channels: number; data: Uint8Array }, x: number, y: number) =>
  Array.from(
    picture.data.subarray((y * picture.width + x) * picture.channels, (y * picture.width + x + 1) * picture.channels),
  );

function expectColour(actual: number[], expected: number[], tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, index) => {
    expect(Math.abs(value - expected[index]!)).toBeLessThanOrEqual(tolerance);
  });
}

async function refusal(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isProsoponError(error)) throw new Error(`Expected a ProsoponError, got ${String(error)}`);
  expect(error.message).not.toContain("\n");
  return { code: error.code, message: error.message };
}

function crc(bytes: Uint8Array): number {
  let value = -1;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}

describe("readImage reads", () => {
  test.each([
    ["png", 0],
    ["jpeg", 40],
    ["webp", 40],
    ["gif", 4],
    ["avif", 40],
    ["tiff", 0],
  ] as const)("%s", async (format, tolerance) => {
    const options =
      format === "jpeg"
        ? { quality: 100, chromaSubsampling: "4:4:4" }
        : format === "tiff"
          ? { compression: "lzw" as const }
          : {};
    const picture = await readImage(await source().toFormat(format, options).toBuffer());
    expect(picture).toMatchObject({ width: 16, height: 12, channels: 3, mime: `image/${format}`, warnings: [] });
    expectColour(pixel(picture, 2, 8), [255, 0, 0], tolerance);
    expectColour(pixel(picture, 13, 8), [0, 0, 255], tolerance);
  });

  test("a file by its path, with the very pixels", async () => {
    const file = join(folder, "a.bin");
    writeFileSync(file, png);
    expect((await readImage(file)).data).toEqual(raw);
  });

  test("a single pixel, and grey as RGB", async () => {
    const one = await sharp(new Uint8Array([9]), { raw: { width: 1, height: 1, channels: 1 } })
      .png()
      .toBuffer();
    const { width, height, channels, data } = await readImage(one);
    expect({ width, height, channels, data: Array.from(data) }).toEqual({
      width: 1,
      height: 1,
      channels: 3,
      data: [9, 9, 9],
    });
  });

  test("CMYK as sRGB", async () => {
    const cmyk = await source().toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe("cmyk");
    const picture = await readImage(cmyk);
    expect(picture.channels).toBe(3);
    const [red, green, blue] = pixel(picture, 2, 8) as [number, number, number];
    expect(red > 180 && green < 90 && blue < 90).toBe(true);
  });

  test("16 bits as 8", async () => {
    const deep = new Uint16Array([0, 32_768, 65_535, 65_535, 257, 0]);
    const file = await sharp(deep, { raw: { width: 2, height: 1, channels: 3 } })
      .toColourspace("rgb16")
      .png()
      .toBuffer();
    expect((await sharp(file).metadata()).depth).toBe("ushort");
    expect(Array.from((await readImage(file)).data)).toEqual([0, 128, 255, 255, 1, 0]);
  });

  test("the first frame of an animation, with a warning", async () => {
    const frames = Uint8Array.from({ length: 3 * 8 * 8 * 3 }, (_, index) =>
      Math.floor(index / 192) === index % 3 ? 255 : 0,
    );
    const animation = sharp(frames, { raw: { width: 8, height: 24, channels: 3, pageHeight: 8 } });
    for (const file of [
      await animation.clone().gif().toBuffer(),
      await animation.clone().webp({ lossless: true }).toBuffer(),
    ]) {
      expect((await sharp(file).metadata()).pages).toBe(3);
      const picture = await readImage(file);
      expect([picture.width, picture.height]).toEqual([8, 8]);
      expect(pixel(picture, 4, 4)).toEqual([255, 0, 0]);
      expect(picture.warnings).toEqual(["Only the first of 3 frames was read."]);
    }
  });

  test("an EXIF-rotated photograph upright", async () => {
    for (const [orientation, place] of [
      [6, [11, 5]],
      [3, [5, 11]],
      [8, [0, 5]],
      [1, [5, 0]],
    ] as const) {
      const file = await source().withMetadata({ orientation }).png().toBuffer();
      const picture = await readImage(file);
      expect([picture.width, picture.height]).toEqual(orientation === 6 || orientation === 8 ? [12, 16] : [16, 12]);
      // The white top row is now at the right, the bottom, the left, the top.
      expect(pixel(picture, place[0], place[1])).toEqual([255, 255, 255]);
    }
  });

  test("alpha flattened on white, or kept on request", async () => {
    const rgba = new Uint8Array([255, 0, 0, 0, 0, 0, 255, 128]);
    const file = await sharp(rgba, { raw: { width: 2, height: 1, channels: 4 } })
      .png()
      .toBuffer();
    const flat = await readImage(file);
    expect(pixel(flat, 0, 0)).toEqual([255, 255, 255]);
    expectColour(pixel(flat, 1, 0), [127, 127, 255], 1);
    expect((await readImage(file, { alpha: "keep" })).data).toEqual(rgba);
    expect((await readImage(png, { alpha: "keep" })).channels).toBe(3);
  });
});

describe("readImage refuses", () => {
  test("what is no image, or a format that it does not take", async () => {
    for (const bytes of [
      Buffer.from("hello, world, not an image"),
      Buffer.alloc(0),
      Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>"),
      Buffer.from("%PDF-1.4"),
    ]) {
      expect(await refusal(readImage(bytes))).toEqual({
        code: "bad-file",
        message: expect.stringMatching(/No known image format/),
      });
    }
  });

  test("a header of 20,000 x 20,000 pixels before it decodes anything", async () => {
    const huge = Buffer.from(png);
    huge.writeUInt32BE(20_000, 16);
    huge.writeUInt32BE(20_000, 20);
    huge.writeUInt32BE(crc(huge.subarray(12, 29)), 29);
    expect(await refusal(readImage(huge))).toEqual({
      code: "bad-input",
      message: expect.stringMatching(/20000 x 20000 = 400000000 pixels; at most 67108864/),
    });
    expect((await refusal(readImage(png, { maxPixels: 191 }))).code).toBe("bad-input");
    expect((await readImage(png, { maxPixels: 192 })).width).toBe(16);
  });

  test("files that are cut off", async () => {
    for (const format of ["png", "jpeg", "webp", "gif", "tiff", "avif"] as const) {
      const whole = await noisy().toFormat(format).toBuffer();
      for (const part of [0.15, 0.5, 0.9]) {
        const cut = whole.subarray(0, Math.floor(whole.length * part));
        const { code, message } = await refusal(readImage(cut));
        expect(`${format} ${code}`).toBe(`${format} bad-file`);
        expect(message).toMatch(/cannot be decoded|No known/);
      }
    }
  });

  test("a missing file, a folder, a pipe, a file that is too large", async () => {
    expect(await refusal(readImage(join(folder, "none.png")))).toMatchObject({ code: "not-found" });
    expect(await refusal(readImage(folder))).toEqual({
      code: "bad-input",
      message: expect.stringMatching(/is a folder/),
    });
    const file = join(folder, "large.png");
    writeFileSync(file, png);
    expect(await refusal(readImage(file, { maxBytes: 10 }))).toMatchObject({ code: "bad-input" });
    if (process.platform !== "win32") {
      const pipe = join(folder, "pipe");
      execFileSync("mkfifo", [pipe]);
      expect(await refusal(readImage(pipe))).toEqual({
        code: "bad-input",
        message: expect.stringMatching(/device or pipe/),
      });
    }
  });

  test("damaged bytes with nothing but its own errors", async () => {
    const files = await Promise.all(
      (["png", "jpeg", "webp", "gif"] as const).map((format) => noisy().toFormat(format).toBuffer()),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        async (file, edits) => {
          const bytes = Uint8Array.from(file);
          for (const [place, value] of edits) bytes[Math.floor(place * bytes.length)] = value;
          try {
            const picture = await readImage(bytes, { maxPixels: 2 ** 20 });
            expect(picture.data.length).toBe(picture.width * picture.height * 3);
          } catch (error) {
            if (!isProsoponError(error)) throw error;
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
