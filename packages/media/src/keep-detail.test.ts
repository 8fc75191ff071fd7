import { expect, test } from "vitest";
import { type Image, image } from "./image.ts";
import { keepDetail } from "./keep-detail.ts";

const picture = (value: (x: number, y: number, c: number) => number): Image => {
  const made = image(32, 24, 3);
  for (let y = 0; y < 24; y++)
    for (let x = 0; x < 32; x++) for (let c = 0; c < 3; c++) made.data[3 * (y * 32 + x) + c] = value(x, y, c);
  return made;
};
const source = picture((x, y, c) => 90 + 20 * ((x + y) % 2) + 10 * c);
const reconstruction = picture((_x, _y, c) => 100 + 10 * c);

test("an edit that changes nothing gives the source back, pixel for pixel", () => {
  expect(keepDetail(reconstruction, { source, reconstruction })).toEqual(source);
});

test("what was changed stays as it was edited, what was left alone gets its detail back", () => {
  const edited = picture((x, _y, c) => (x < 12 ? 220 : 100) + 10 * c);
  const result = keepDetail(edited, { source, reconstruction });
  for (const [x, wanted] of [
    [2, edited],
    [30, source],
  ] as const)
    for (let c = 0; c < 3; c++) {
      const at = 3 * (10 * 32 + x) + c;
      expect(Math.abs(result.data[at]! - wanted.data[at]!)).toBeLessThanOrEqual(1);
    }
});

test("pictures of other sizes are refused", () => {
  expect(() => keepDetail(image(8, 8, 3), { source, reconstruction })).toThrow(/one size/);
});
