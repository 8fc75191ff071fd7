import { readFile } from "node:fs/promises";
import {
  applyTransform,
  type Image,
  image,
  invertTransform,
  keptCrop,
  type Point,
  referenceClipBox,
  referenceClipSize,
  referenceFace,
  referenceLevelling,
  resize,
  resizeGaussian,
  splineWarp,
} from "@prosopon/media";
import { expect, test } from "vitest";

interface Sparse {
  readonly size: readonly [number, number];
  readonly every: number;
  readonly values: readonly number[];
}
interface Peer {
  readonly resize: Readonly<Record<string, readonly number[]>>;
  readonly whole: readonly {
    readonly width: number;
    readonly height: number;
    readonly first: readonly Point[];
    readonly second: readonly Point[];
    readonly crop: Sparse;
    readonly turned: Sparse;
    readonly loaded: Sparse;
  }[];
  readonly clips: readonly {
    readonly width: number;
    readonly height: number;
    readonly points: readonly Point[];
    readonly box: readonly [number, number, number, number];
    readonly crop: Sparse;
  }[];
}

/** Made by tools/peer-alignment.py with scikit-image, SciPy and OpenCV. */
const peer: Peer = JSON.parse(await readFile(new URL("peer-alignment.json", import.meta.url), "utf8"));

function picture(width: number, height: number): Image {
  const result = image(width, height, 3);
  for (let index = 0; index < width * height * 3; index++) {
    let x = (Math.imul(index, 2654435761) + 12345) >>> 0;
    x = (x ^ (x >>> 15)) >>> 0;
    const noise = Math.imul(x, 2246822519) >>> 26;
    const place = Math.floor(index / 3);
    result.data[index] = (Math.floor(place / width) * 3 + (place % width) * 5 + noise) % 256;
  }
  return result;
}

/** The peers count from pixel centres. */
const placed = (points: readonly Point[]) => points.map(([x, y]): Point => [x + 0.5, y + 0.5]);
const every = ({ data }: Image, step: number) => Array.from(data).filter((_, i) => i % step === 0);

/** Share of values that differ, and the largest difference. */
function difference(found: readonly number[], expected: readonly number[]) {
  expect(found).toHaveLength(expected.length);
  const differences = found.map((value, i) => Math.abs(value - expected[i]!));
  return { most: Math.max(...differences), share: differences.filter((d) => d > 0).length / found.length };
}

/** Floats that lie on a whole level to the last bit may be cut off to the one below. */
function expectSame(found: readonly number[], expected: readonly number[]): void {
  const { most, share } = difference(found, expected);
  expect(most).toBeLessThanOrEqual(1);
  expect(share).toBeLessThan(0.01);
}

test.each(Object.entries(peer.resize))("scikit-image's resize to %s", (size, expected) => {
  const [width, height] = size.split("x").map(Number) as [number, number];
  const source = picture(37, 29);
  expectSame(Array.from(resizeGaussian(source, { width, height }).data), expected);
  // The triangle filter is another one: the comparison can fail.
  if (width !== 37)
    expect(difference(Array.from(resize(source, { width, height }).data), expected).share).toBeGreaterThan(0.3);
});

test.each(peer.whole)("the thesis' alignment of a picture of $width x $height", async (one) => {
  const source = picture(one.width, one.height);
  const asked: number[] = [];
  const aligned = await referenceFace(source, {
    size: 128,
    find: async ({ width }) => {
      asked.push(width);
      return placed(width === 256 ? one.first : one.second);
    },
  });
  expect(asked).toEqual([256, 224]);
  const { kept, crop, transform } = aligned!;
  expectSame(every(kept, one.turned.every), one.turned.values);
  // OpenCV interpolates bytes with 11 bits.
  expect(difference(every(crop, one.loaded.every), one.loaded.values).most).toBeLessThanOrEqual(1);

  // Where the transform says a place of the crop came from, the picture looks so (noise aside).
  const [x, y] = applyTransform(invertTransform(transform), [64, 64]);
  expect(x).toBeGreaterThan(0);
  expect(y).toBeLessThan(one.height);
});

test("a picture is turned about the middle of the eyes with x and y exchanged", () => {
  const eyes = peer.whole[0]!.second;
  const back = referenceLevelling(placed(eyes));
  const whole = (from: number, to: number, axis: 0 | 1) =>
    Math.trunc(eyes.slice(from, to).reduce((sum, point) => sum + point[axis], 0) / 6);
  const middle = ([0, 1] as const).map((axis) => Math.floor((whole(36, 42, axis) + whole(42, 48, axis)) / 2));
  const [x, y] = [middle[1]! + 0.5, middle[0]! + 0.5];
  const [fixedX, fixedY] = applyTransform(back, [x, y]);
  expect(fixedX).toBeCloseTo(x, 9);
  expect(fixedY).toBeCloseTo(y, 9);
  const source = picture(40, 40);
  expect(splineWarp(source, { a: 1, b: 0, c: 0, d: 0, e: 1, f: 0 }).data).toEqual(source.data);
});

test("without a face the given box is taken, and without a box nothing", async () => {
  const source = picture(60, 50);
  const find = async () => undefined;
  expect(await referenceFace(source, { find, size: 64 })).toBeUndefined();
  const box = { x: 10, y: 10, width: 30, height: 30 };
  const { kept, transform } = (await referenceFace(source, { find, box, size: 64 }))!;
  expect(Buffer.compare(kept.data, keptCrop(source, box).crop.data)).toBe(0);
  expect(applyTransform(transform, [10, 40])).toEqual([0, 64]);
});

test.each(peer.clips)("the thesis' box of a clip, $box", (one) => {
  const frame = resizeGaussian(picture(one.width, one.height), referenceClipSize);
  const box = referenceClipBox(placed(one.points));
  const [left, top, right, bottom] = one.box;
  expect(box).toEqual({ x: left, y: top, width: right - left, height: bottom - top });
  expectSame(every(keptCrop(frame, box).crop, one.crop.every), one.crop.values);
});
