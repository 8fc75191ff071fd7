import { image } from "@prosopon/media";
import { expect, test } from "vitest";
import { squareUp } from "./square-up.ts";

test("a wide picture in the middle: black bands above and below", () => {
  const white = image(20, 10, 1, new Uint8Array(200).fill(255));
  const { tensor, toPicture } = squareUp(white, { side: 40, centred: true });
  expect(tensor.shape).toEqual([1, 3, 40, 40]);
  const rows = Array.from({ length: 40 }, (_, y) => tensor.data[40 * 40 + y * 40 + 17]);
  expect(rows).toEqual(Array.from({ length: 40 }, (_, y) => (y >= 10 && y < 30 ? 255 : 0)));
  expect(toPicture([0, 10])).toEqual([0, 0]);
  expect(toPicture([40, 30])).toEqual([20, 10]);
});

test("a tall picture at the top left, and odd sizes: corners come back to corners", () => {
  for (const [width, height] of [
    [10, 33],
    [1, 1],
    [3, 700],
    [417, 416],
  ] as const) {
    const { tensor, toPicture } = squareUp(image(width, height, 3), { side: 64 });
    expect(tensor.shape).toEqual([1, 3, 64, 64]);
    expect(toPicture([0, 0])).toEqual([0, 0]);
    const across = Math.max(1, Math.round((64 * width) / Math.max(width, height)));
    expect(toPicture([across, 0])[0]).toBeCloseTo(width, 10);
  }
});

test("colours: planes of red, green and blue; alpha is dropped", () => {
  const { tensor } = squareUp(image(1, 1, 4, Uint8Array.of(10, 20, 30, 255)), { side: 2 });
  expect([...tensor.data]).toEqual([10, 10, 10, 10, 20, 20, 20, 20, 30, 30, 30, 30]);
});
