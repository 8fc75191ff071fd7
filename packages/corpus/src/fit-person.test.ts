import { expect, test } from "vitest";
import { boundedLeastSquares } from "./bounded-least-squares.ts";
import { fitPerson, ordinaryPerson, personLimits } from "./fit-person.ts";
import { person } from "./person.ts";
import { scene } from "./scene.ts";
import { sceneLandmarks } from "./scene-face.ts";

const correlation = (a: readonly number[], b: readonly number[]): number => {
  const mean = (list: readonly number[]) => list.reduce((sum, v) => sum + v, 0) / list.length;
  const [ma, mb] = [mean(a), mean(b)];
  const dot = (x: readonly number[], mx: number, y: readonly number[], my: number) =>
    x.reduce((sum, v, i) => sum + (v - mx) * (y[i]! - my), 0);
  return dot(a, ma, b, mb) / Math.sqrt(dot(a, ma, a, ma) * dot(b, mb, b, mb));
};

test("people whose shape is known are found again: the landmarks' error falls to less than a half", () => {
  const known = [3, 14, 15, 92, 65, 35, 89].map((identity) => person(identity));
  const fitted = known.map((one, i) =>
    fitPerson(
      sceneLandmarks(
        scene({
          identity: one.identity,
          emotion: i % 2 ? "happy" : "neutral",
          pose: { yaw: 3 * i - 9, pitch: i - 3, roll: 2 - i },
          framing: { x: i, y: -i, scale: 1 + 0.01 * i },
        }),
      ),
    ),
  );
  for (const [i, { error, errorBefore }] of fitted.entries())
    expect(error, `person ${known[i]!.identity}`).toBeLessThan(0.5 * errorBefore);
  for (const name of ["faceHeight", "eyeDistance", "noseWidth", "browHeight"] as const) {
    const r = correlation(
      known.map((one) => one[name]),
      fitted.map((one) => one.person[name]),
    );
    expect(r, name).toBeGreaterThan(0.7);
  }
});

test("the ordinary person is found to be ordinary, and lies within the limits of drawn people", () => {
  const ordinary = ordinaryPerson();
  const { person: found, error } = fitPerson(sceneLandmarks(scene({ identity: 0, person: ordinary })));
  expect(error).toBeLessThan(0.005);
  expect(found.faceWidth).toBeCloseTo(ordinary.faceWidth, 0);
  for (const [name, { start, low, high }] of Object.entries(personLimits)) {
    expect(start, name).toBeGreaterThan(low);
    expect(start, name).toBeLessThan(high);
  }
});

test("landmarks that are none are refused", () => {
  expect(() => fitPerson([])).toThrow("68 landmarks");
  expect(() => fitPerson(Array.from({ length: 68 }, () => [Number.NaN, 0]))).toThrow("68 landmarks");
});

test("least squares: a line through points, and a limit that holds it", () => {
  const points = [0, 1, 2, 3].map((x) => [x, 2 * x + 1] as const);
  const line = (high: number) =>
    boundedLeastSquares({
      unknowns: [
        { start: 0, spread: 1000, low: -10, high },
        { start: 0, spread: 1000, low: -10, high: 10 },
      ],
      residuals: ([slope, shift]) => points.map(([x, y]) => slope! * x + shift! - y),
    });
  const [slope, shift] = line(10);
  expect(slope).toBeCloseTo(2, 3);
  expect(shift).toBeCloseTo(1, 3);
  expect(line(1.5)[0]).toBe(1.5);
});
