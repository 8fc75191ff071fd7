import { expect, test } from "vitest";
import { image } from "./image.ts";

test("keeps the data it is given, and is black without", () => {
  const data = new Uint8Array([1, 2, 3, 4, 5, 6]);
  expect(image(2, 1, 3, data).data).toBe(data);
  expect(image(2, 2, 1)).toEqual({ width: 2, height: 2, channels: 1, data: new Uint8Array(4) });
});

test("refuses sizes that disagree or are none", () => {
  expect(() => image(2, 2, 3, new Uint8Array(11))).toThrow(/are 12 bytes, but 11/);
  expect(() => image(0, 2, 3)).toThrow(/0 x 2/);
  expect(() => image(1.5, 2, 3)).toThrow(/1.5 x 2/);
  expect(() => image(2, 2, 2 as never)).toThrow(/not 2/);
});
