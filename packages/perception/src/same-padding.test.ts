import { expect, test } from "vitest";
import { samePadding } from "./same-padding.ts";

test("TensorFlow's SAME: sizes that it documents", () => {
  // [H, W] even, stride 2: the one zero goes to the end.
  expect(samePadding([112, 56], 3, 2)).toEqual([0, 0, 1, 1]);
  expect(samePadding([7, 7], 3, 2)).toEqual([1, 1, 1, 1]);
  expect(samePadding([13, 26], 2, 1)).toEqual([0, 0, 1, 1]);
  expect(samePadding([414, 207], 2, 2)).toEqual([0, 0, 0, 1]);
  expect(samePadding([5, 5], 1, 2)).toEqual([0, 0, 0, 0]);
});
