import { describe, expect, test } from "vitest";
import { alignFace, CANONICAL_FACE, fivePoints } from "./align-face.ts";
import { type Image, image } from "./image.ts";
import { pasteBack } from "./paste-back.ts";
import { softMask } from "./soft-mask.ts";
import { applyTransform, type Point } from "./transform.ts";

/** A smooth picture, so that interpolation twice over loses little. */
function picture(width: number, height: number): Image {
  const result = image(width, height, 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const colours = [128 + 90 * Math.sin(x / 15), 128 + 90 * Math.cos(y / 12), 128 + 60 * Math.sin((x + y) / 20)];
      result.data.set(colours.map(Math.round), (y * width + x) * 3);
    }
  }
  return result;
}

// A face turned by 0.3 radians, 0.7 pixels for one of the template's hundred.
const place = ([x, y]: Point): Point => [
  60 + 70 * (x * Math.cos(0.3) - y * Math.sin(0.3)),
  20 + 70 * (x * Math.sin(0.3) + y * Math.cos(0.3)),
];
const five = CANONICAL_FACE.map(place);

/** 68 landmarks whose five places are `five`: the points of an eye lie on a circle about its centre. */
function landmarks(): Point[] {
  return Array.from({ length: 68 }, (_, index): Point => {
    const ring = (eye: Point): Point => [
      eye[0] + 3 * Math.cos((index * Math.PI) / 3),
      eye[1] + 3 * Math.sin((index * Math.PI) / 3),
    ];
    if (index >= 36 && index < 42) return ring(five[0]!);
    if (index >= 42 && index < 48) return ring(five[1]!);
    if (index === 30) return five[2]!;
    if (index === 48) return five[3]!;
    if (index === 54) return five[4]!;
    return [index, 2 * index];
  });
}

describe("alignFace", () => {
  test("finds the five places and puts them where the template says", () => {
    fivePoints(landmarks()).forEach((point, index) => {
      expect(point[0]).toBeCloseTo(five[index]![0], 9);
      expect(point[1]).toBeCloseTo(five[index]![1], 9);
    });
    const { crop, transform } = alignFace(picture(160, 120), landmarks(), { size: 128 });
    expect([crop.width, crop.height, crop.channels]).toEqual([128, 128, 3]);
    five.forEach((point, index) => {
      const [x, y] = applyTransform(transform, point);
      expect(x / 128).toBeCloseTo(CANONICAL_FACE[index]![0], 6);
      expect(y / 128).toBeCloseTo(CANONICAL_FACE[index]![1], 6);
    });
  });

  test("takes five points as well, and refuses other numbers", () => {
    const photograph = picture(160, 120);
    const crop = alignFace(photograph, five, { size: 64 }).crop;
    const other = alignFace(photograph, landmarks(), { size: 64 }).crop;
    expect(Math.max(...crop.data.map((value, index) => Math.abs(value - other.data[index]!)))).toBeLessThanOrEqual(1);
    expect(() => alignFace(photograph, five.slice(1), { size: 64 })).toThrow(/68 landmarks, not 4/);
  });
});

describe("pasteBack", () => {
  const photograph = picture(160, 120);
  const { crop, transform } = alignFace(photograph, landmarks(), { size: 128 });

  test("an unedited crop gives the photograph again, to within what two interpolations lose", () => {
    const result = pasteBack(photograph, crop, transform, softMask(128, 128, 16));
    let most = 0;
    result.data.forEach((value, index) => {
      most = Math.max(most, Math.abs(value - photograph.data[index]!));
    });
    expect(most).toBeLessThanOrEqual(2);
  });

  test("an edit shows in the middle, fades at the edge and leaves the rest bit-identical", () => {
    const edited = { ...crop, data: new Uint8Array(crop.data.length).fill(255) };
    const before = Uint8Array.from(photograph.data);
    // A Node Buffer has a slice() of its own, which does not copy.
    const given = { ...photograph, data: Buffer.from(photograph.data.buffer) };
    const result = pasteBack(given, edited, transform, softMask(128, 128, 16));
    expect(photograph.data).toEqual(before);
    let inside = 0;
    let faded = 0;
    let outside = 0;
    for (let y = 0; y < 120; y += 1) {
      for (let x = 0; x < 160; x += 1) {
        const [u, v] = applyTransform(transform, [x + 0.5, y + 0.5]);
        const depth = Math.min(u, v, 128 - u, 128 - v);
        const at = (y * 160 + x) * 3;
        const pixel = Array.from(result.data.subarray(at, at + 3));
        const old = Array.from(photograph.data.subarray(at, at + 3));
        if (depth > 20) {
          expect(pixel).toEqual([255, 255, 255]);
          inside += 1;
        } else if (depth < -4) {
          expect(pixel).toEqual(old);
          outside += 1;
        } else if (depth > 6 && depth < 10 && pixel[0]! > old[0]! && pixel[0]! < 255) faded += 1;
      }
    }
    expect(Math.min(inside, faded, outside)).toBeGreaterThan(20);
  });

  test("works when the crop lies partly or wholly outside, and keeps alpha", () => {
    const rgba = image(
      160,
      120,
      4,
      Uint8Array.from({ length: 160 * 120 * 4 }, (_, index) => index % 251),
    );
    const shifted = pasteBack(rgba, crop, { ...transform, c: transform.c + 100 }, softMask(128, 128, 8));
    expect(shifted.data.some((value, index) => value !== rgba.data[index])).toBe(true);
    for (let pixel = 0; pixel < 160 * 120; pixel += 1) {
      if (shifted.data[pixel * 4 + 3] !== rgba.data[pixel * 4 + 3]) throw new Error(`alpha of pixel ${pixel} changed`);
    }
    expect(pasteBack(rgba, crop, { ...transform, c: 1e5 }, softMask(128, 128, 8)).data).toEqual(rgba.data);
  });

  test("refuses a mask or channels that do not fit", () => {
    expect(() => pasteBack(photograph, crop, transform, softMask(64, 64, 8))).toThrow(/mask is 64 x 64/);
    expect(() => pasteBack(photograph, image(128, 128, 1), transform, softMask(128, 128, 8))).toThrow(/does not fit 3/);
  });
});

test("softMask is 1 in the middle, symmetric, falls to the edge; 0 is a hard rectangle", () => {
  const { data } = softMask(20, 10, 4);
  expect(data[5 * 20 + 10]).toBe(1);
  expect(data[0]).toBeLessThan(0.05);
  data.forEach((value, index) => {
    expect(value).toBe(data[data.length - 1 - index]);
  });
  for (let x = 1; x < 5; x += 1) expect(data[5 * 20 + x]!).toBeGreaterThan(data[5 * 20 + x - 1]!);
  expect(softMask(3, 3, 0).data.every((value) => value === 1)).toBe(true);
  expect(() => softMask(10, 10, 6)).toThrow(/feather of 6/);
  expect(() => softMask(10, 10, Number.NaN)).toThrow(/feather of NaN/);
});
