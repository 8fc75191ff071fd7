import { expect, test } from "vitest";
import { crop } from "./crop.ts";
import { image } from "./image.ts";

const source = image(3, 2, 1, new Uint8Array([1, 2, 3, 4, 5, 6]));

test("copies the box", () => {
  expect(Array.from(crop(source, { x: 1, y: 0, width: 2, height: 2 }).data)).toEqual([2, 3, 5, 6]);
  const whole = crop(source, { x: 0, y: 0, width: 3, height: 2 });
  expect(whole).toEqual(source);
  expect(whole.data).not.toBe(source.data);
});

test.each([
  { x: -1, y: 0, width: 1, height: 1 },
  { x: 2, y: 0, width: 2, height: 1 },
  { x: 0, y: 0, width: 0, height: 1 },
  { x: 0.5, y: 0, width: 1, height: 1 },
  { x: Number.NaN, y: 0, width: 1, height: 1 },
])("refuses %j", (box) => {
  expect(() => crop(source, box)).toThrow(/does not lie on whole pixels inside 3 x 2/);
});
