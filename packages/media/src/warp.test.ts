import { expect, test } from "vitest";
import { image } from "./image.ts";
import { resize } from "./resize.ts";
import { warp } from "./warp.ts";

const source = image(3, 2, 1, new Uint8Array([10, 20, 30, 40, 50, 60]));
const identity = { a: 1, b: 0, c: 0, d: 0, e: 1, f: 0 };

test("the identity keeps every pixel, a whole shift moves them and repeats the edge or fills", () => {
  expect(warp(source, identity, { width: 3, height: 2 })).toEqual(source);
  const right = { ...identity, c: 1 };
  expect(Array.from(warp(source, right, { width: 3, height: 2 }).data)).toEqual([10, 10, 20, 40, 40, 50]);
  expect(Array.from(warp(source, right, { width: 3, height: 2, outside: [7] }).data)).toEqual([7, 10, 20, 7, 40, 50]);
});

test("half a pixel of shift averages neighbours", () => {
  expect(Array.from(warp(source, { ...identity, c: 0.5 }, { width: 3, height: 1 }).data)).toEqual([10, 15, 25]);
});

test("a quarter turn about the corner puts columns into rows", () => {
  // x' = 2 - y, y' = x.
  const turned = warp(source, { a: 0, b: -1, c: 2, d: 1, e: 0, f: 0 }, { width: 2, height: 3 });
  expect(Array.from(turned.data)).toEqual([40, 10, 50, 20, 60, 30]);
});

test("enlarging by a transform is resizing: both follow the same coordinate rule", () => {
  const data = Uint8Array.from({ length: 64 }, (_, index) => (index * 37) % 256);
  const picture = image(8, 8, 1, data);
  const warped = warp(picture, { ...identity, a: 2, e: 2 }, { width: 16, height: 16 });
  expect(warped).toEqual(resize(picture, { width: 16, height: 16 }));
});

test("shrinking a fine chequerboard gives grey, not an alias", () => {
  const board = image(
    90,
    90,
    1,
    Uint8Array.from({ length: 8100 }, (_, index) => (((index % 90) + Math.floor(index / 90)) % 2) * 255),
  );
  const small = warp(board, { ...identity, a: 1 / 3, e: 1 / 3 }, { width: 30, height: 30 });
  expect(small.data.every((value) => Math.abs(value - 127.5) < 20)).toBe(true);
});
