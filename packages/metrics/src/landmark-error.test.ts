import type { Point } from "@prosopon/media";
import { expect, test } from "vitest";
import { landmarkError } from "./landmark-error.ts";

const face = Array.from({ length: 68 }, (_, i): Point => [(i * 37) % 101, (i * 53) % 97]);
const moved = (dx: number, dy: number, only: (i: number) => boolean = () => true) =>
  face.map(([x, y], i): Point => (only(i) ? [x + dx, y + dy] : [x, y]));
const corners = Math.hypot(face[45]![0] - face[36]![0], face[45]![1] - face[36]![1]);

test("landmarks moved by (3, 4): 5 over the distance of the outer eye corners", () => {
  const judgement = landmarkError().start();
  judgement.add({ expected: face, found: moved(3, 4) });
  expect(judgement.result().mean).toBeCloseTo(5 / corners, 12);
});

test("size does not matter, and only the points asked for do", () => {
  const judgement = landmarkError({ points: [48, 54] }).start();
  const twice = (points: readonly Point[]) => points.map(([x, y]): Point => [2 * x, 2 * y]);
  judgement.add({ expected: face, found: moved(3, 4) });
  judgement.add({ expected: twice(face), found: twice(moved(3, 4)) });
  judgement.add({ expected: face, found: moved(50, 0, (i) => i !== 48 && i !== 54) });
  const { minimum, maximum } = judgement.result();
  expect(maximum).toBeCloseTo(5 / corners, 12);
  expect(minimum).toBe(0);
});

test("the other unit: the centres of the eyes", () => {
  const judgement = landmarkError({ unit: "eye-centres" }).start();
  judgement.add({ expected: face, found: moved(3, 4) });
  const centre = (start: number, axis: 0 | 1) =>
    face.slice(start, start + 6).reduce((sum, point) => sum + point[axis], 0) / 6;
  const apart = Math.hypot(centre(42, 0) - centre(36, 0), centre(42, 1) - centre(36, 1));
  expect(judgement.result().mean).toBeCloseTo(5 / apart, 12);
});

test("faces that were not found are counted apart", () => {
  const judgement = landmarkError().start();
  judgement.add({ expected: face, found: undefined });
  expect(() => judgement.result()).toThrow(/no samples/);
  judgement.add({ expected: face, found: face });
  expect(judgement.result()).toMatchObject({ count: 1, mean: 0, missed: 1 });
});

test("refuses other numbers of landmarks, eyes at one place, unknown points", () => {
  const metric = landmarkError();
  expect(() => metric.start().add({ expected: face, found: face.slice(1) })).toThrow(/68 landmarks/);
  expect(() => metric.start().add({ expected: face.map((): Point => [1, 1]), found: face })).toThrow(/one place/);
  expect(() => landmarkError({ points: [68] })).toThrow(/0\.\.67/);
});
