import { expect, test } from "vitest";
import { graph, input } from "../graph.ts";
import {
  concat,
  expand,
  pad,
  reshape,
  resizeLinear,
  resizeNearest,
  slice,
  split,
  squeeze,
  transpose,
} from "./movement.ts";

const g = graph();
const x = input(g, "x", "float32", [2, 3, 4, 5]);

test("what changes nothing is the value itself", () => {
  expect(reshape(x, [2, 3, 4, 5])).toBe(x);
  expect(transpose(x, [0, 1, 2, 3])).toBe(x);
  expect(expand(x, [2, 3, 4, 5])).toBe(x);
  expect(pad(x, new Array<number>(8).fill(0))).toBe(x);
  expect(concat([x], 1)).toBe(x);
  expect(g.nodes).toHaveLength(0);
});

test("shapes follow", () => {
  expect(reshape(x, [6, -1]).shape).toEqual([6, 20]);
  expect(transpose(x, [3, 0, 2, 1]).shape).toEqual([5, 2, 4, 3]);
  expect(slice(x, { axis: -1, start: -2 }).shape).toEqual([2, 3, 4, 2]);
  expect(slice(x, { axis: 2, start: 3, end: 0, step: -2 }).shape).toEqual([2, 3, 2, 5]);
  expect(split(x, [1, 2], 1).map((v) => v.shape[1])).toEqual([1, 2]);
  expect(pad(x, [0, 0, 1, -1, 0, 0, 2, 0]).shape).toEqual([2, 3, 7, 4]);
  expect(resizeNearest(x, 2).shape).toEqual([2, 3, 8, 10]);
  expect(resizeLinear(x, 7, 3).shape).toEqual([2, 3, 7, 3]);
});

test("what cannot be is refused with both shapes", () => {
  expect(() => reshape(x, [7, -1])).toThrow(/\[2,3,4,5\] \(120 elements\) cannot become \[7,-1\]/);
  expect(() => transpose(x, [0, 1, 2, 2])).toThrow(/\[0,1,2,2\] is no order of 4 axes/);
  expect(() => squeeze(x, [1])).toThrow(/axis 1 has 3 elements, not 1/);
  expect(() => split(x, [1, 1], 1)).toThrow(/parts \[1,1\] do not make 3/);
  expect(() => concat([x, input(g, "y", "float32", [2, 3, 4, 6])], 0)).toThrow(/do not join along axis 0/);
  expect(() => slice(x, { axis: 4, start: 0 })).toThrow(/axis 4 is not one of a value with 4 dimensions/);
});
