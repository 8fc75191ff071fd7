import { tensor } from "@prosopon/graph";
import { expect, test } from "vitest";
import { facesOf } from "./faces-of.ts";

const cells = 13;
const plane = cells * cells;
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

interface Response {
  readonly anchor: number;
  readonly column: number;
  readonly row: number;
  /** x, y, width, height, score before their squashing. */
  readonly values: readonly number[];
}

/** The detector's output with these responses and silence elsewhere. */
function responses(...given: readonly Response[]) {
  const data = new Float32Array(25 * plane).fill(-20);
  for (const { anchor, column, row, values } of given)
    values.forEach((value, k) => {
      data[(anchor * 5 + k) * plane + row * cells + column] = value;
    });
  return tensor("float32", [1, 25, cells, cells], data);
}

test("one response: the box of Eq. 5 of YOLO v2 in the picture's pixels", () => {
  const [x, y, w, h, score] = [0.3, -0.7, 0.2, -0.1, 1.5] as const;
  const found = facesOf(responses({ anchor: 2, column: 4, row: 9, values: [x, y, w, h, score] }), { side: 260 });
  expect(found).toHaveLength(1);
  const [face] = found;
  // A cell is 20 pixels wide.
  expect(face!.width).toBeCloseTo(20 * 2.882459 * Math.exp(w), 4);
  expect(face!.height).toBeCloseTo(20 * 3.518061 * Math.exp(h), 4);
  expect(face!.x + face!.width / 2).toBeCloseTo(20 * (4 + sigmoid(x)), 4);
  expect(face!.y + face!.height / 2).toBeCloseTo(20 * (9 + sigmoid(y)), 4);
  expect(face!.score).toBeCloseTo(sigmoid(score), 6);
});

test("the picture's scale is the side's, and silence is no face", () => {
  const seen = responses({ anchor: 0, column: 1, row: 1, values: [0, 0, 0, 0, 2] });
  const [small, large] = [130, 260].map((side) => facesOf(seen, { side })[0]!);
  expect(large!.x).toBeCloseTo(2 * small!.x, 6);
  expect(large!.height).toBeCloseTo(2 * small!.height, 6);
  expect(facesOf(responses(), { side: 260 })).toEqual([]);
});

test("overlapping boxes: the best stays, and boxes apart stay, best first", () => {
  const seen = responses(
    { anchor: 1, column: 3, row: 3, values: [0, 0, 0, 0, 1] },
    { anchor: 1, column: 4, row: 3, values: [-2, 0, 0, 0, 3] },
    { anchor: 0, column: 11, row: 11, values: [0, 0, 0, 0, 4] },
  );
  const scores = (overlap: number) => facesOf(seen, { side: 130, overlap }).map(({ score }) => score);
  expect(scores(0.4)).toEqual([4, 3].map((s) => expect.closeTo(sigmoid(s), 6)));
  // Control: what was dropped was dropped for its overlap.
  expect(scores(1)).toEqual([4, 3, 1].map((s) => expect.closeTo(sigmoid(s), 6)));
});

test("the threshold is a confidence", () => {
  const seen = responses({ anchor: 0, column: 5, row: 5, values: [0, 0, 0, 0, 0] });
  expect(facesOf(seen, { side: 100, threshold: 0.49 })).toHaveLength(1);
  expect(facesOf(seen, { side: 100, threshold: 0.51 })).toHaveLength(0);
});
