import { uniforms } from "@prosopon/random";
import { expect, test } from "vitest";
import { augment } from "./augment.ts";

const side = 16;
const planes = () => uniforms(1, "planes", 0, 4 * 3 * side * side).map((v) => 2 * v - 1);
const augmented = (step: number, shifts = true) => {
  const some = planes();
  augment(some, { side, seed: 5, step, shifts });
  return some;
};

test("depends on seed and step alone, and changes every picture", () => {
  expect(augmented(3)).toEqual(augmented(3));
  expect(augmented(3)).not.toEqual(augmented(4));
  const before = planes();
  const after = augmented(3);
  for (let n = 0; n < 4; n++) {
    const part = [n * 3 * side * side, (n + 1) * 3 * side * side] as const;
    expect(after.slice(...part)).not.toEqual(before.slice(...part));
  }
});

test("without shifts a bright dot stays where it is", () => {
  for (let step = 0; step < 20; step++) {
    const dots = new Float32Array(3 * side * side).fill(-1);
    const at = 7 * side + 9;
    for (let c = 0; c < 3; c++) dots[c * side * side + at] = 1;
    augment(dots, { side, seed: 5, step, shifts: false });
    expect(dots.indexOf(Math.max(...dots.subarray(0, side * side)))).toBe(at);
  }
});
