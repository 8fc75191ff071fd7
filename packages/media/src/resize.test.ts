import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { type Image, image } from "./image.ts";
import { resize } from "./resize.ts";

/** A picture whose value at the place (x, y), in fractions of the sides, is `value`. */
function drawn(width: number, height: number, value: (x: number, y: number) => number): Image {
  const result = image(width, height, 1);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1)
      result.data[y * width + x] = Math.round(value((x + 0.5) / width, (y + 0.5) / height));
  }
  return result;
}

const worst = (a: Image, b: Image, border = 0): number => {
  let most = 0;
  for (let y = border; y < a.height - border; y += 1) {
    for (let x = border; x < a.width - border; x += 1) {
      const at = y * a.width + x;
      most = Math.max(most, Math.abs(a.data[at]! - b.data[at]!));
    }
  }
  return most;
};

describe("resize", () => {
  const ramp = (x: number, y: number) => 20 + 120 * x + 90 * y;

  test.each([
    [64, 48, 32, 24],
    [64, 48, 21, 17],
    [31, 20, 64, 64],
    [40, 40, 40, 13],
  ])("a ramp of %i x %i stays the same ramp at %i x %i, so places do not shift", (width, height, toWidth, toHeight) => {
    for (const antialias of [true, false]) {
      const result = resize(drawn(width, height, ramp), { width: toWidth, height: toHeight, antialias });
      expect(worst(result, drawn(toWidth, toHeight, ramp), 4)).toBeLessThanOrEqual(1);
      // Half a pixel of shift would show.
      expect(
        worst(
          result,
          drawn(toWidth, toHeight, (x, y) => ramp(x + 1.5 / toWidth, y)),
          4,
        ),
      ).toBeGreaterThan(2);
    }
  });

  test("keeps a flat colour exactly, also to one pixel and from one pixel", () => {
    for (const [width, height] of [
      [1, 1],
      [5, 3],
      [100, 7],
    ] as const) {
      const flat = resize(image(17, 9, 3, new Uint8Array(17 * 9 * 3).fill(77)), { width, height });
      expect(flat.data.every((value) => value === 77)).toBe(true);
      expect(resize(image(1, 1, 1, new Uint8Array([9])), { width, height }).data.every((value) => value === 9)).toBe(
        true,
      );
    }
  });

  test("doubling interpolates at quarters, as the half-pixel rule says", () => {
    const result = resize(image(2, 1, 1, new Uint8Array([0, 100])), { width: 4, height: 1 });
    expect(Array.from(result.data)).toEqual([0, 25, 75, 100]);
  });

  test("antialias makes a fine chequerboard grey; without it the pattern aliases", () => {
    const board = drawn(96, 96, () => 0);
    for (let index = 0; index < board.data.length; index += 1) {
      board.data[index] = ((index % 96) + Math.floor(index / 96)) % 2 === 0 ? 0 : 255;
    }
    const smooth = resize(board, { width: 32, height: 32 });
    expect(smooth.data.every((value) => Math.abs(value - 127.5) < 20)).toBe(true);
    const rough = resize(board, { width: 32, height: 32, antialias: false });
    expect(rough.data.some((value) => value === 0)).toBe(true);
  });

  test("agrees with another implementation of the widened triangle (libvips) on a picture", async () => {
    const picture = drawn(60, 60, (x, y) => 128 + 60 * Math.sin(9 * x) * Math.cos(7 * y) + 40 * Math.sin(25 * x * y));
    const ours = resize(picture, { width: 20, height: 20 });
    const { data } = await sharp(picture.data, { raw: { width: 60, height: 60, channels: 1 } })
      .resize(20, 20, { kernel: "linear", fastShrinkOnLoad: false })
      .toColourspace("b-w")
      .raw()
      .toBuffer({ resolveWithObject: true });
    // At the border libvips repeats pixels where we renormalise.
    const theirs = image(20, 20, 1, new Uint8Array(data));
    expect(worst(ours, theirs, 1)).toBeLessThanOrEqual(1);
    expect(worst(resize(picture, { width: 20, height: 20, antialias: false }), theirs, 1)).toBeGreaterThan(4);
  });

  test("refuses an empty result", () => {
    expect(() => resize(image(2, 2, 1), { width: 0, height: 2 })).toThrow(/0 x 2/);
  });
});
