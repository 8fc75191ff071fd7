import fc from "fast-check";
import { expect, test } from "vitest";
import { similarity } from "./similarity.ts";
import { applyTransform, type Point } from "./transform.ts";

const number = fc.double({ min: -100, max: 100, noNaN: true });
const points = fc.array(fc.tuple(number, number), { minLength: 3, maxLength: 8 });
const cost = (from: readonly Point[], to: readonly Point[], transform: Parameters<typeof applyTransform>[0]) =>
  from.reduce((sum, point, index) => {
    const [x, y] = applyTransform(transform, point);
    return sum + (x - to[index]![0]) ** 2 + (y - to[index]![1]) ** 2;
  }, 0);
const spread = (list: readonly Point[]) =>
  Math.max(...list.map(([x, y]) => Math.hypot(x - list[0]![0], y - list[0]![1])));

test("recovers a similarity from exact pairs", () => {
  fc.assert(
    fc.property(
      points,
      fc.double({ min: -3, max: 3, noNaN: true }),
      fc.double({ min: 0.1, max: 9, noNaN: true }),
      number,
      (from, angle, scale, shift) => {
        fc.pre(spread(from) > 1);
        const truth = {
          a: scale * Math.cos(angle),
          b: -scale * Math.sin(angle),
          c: shift,
          d: scale * Math.sin(angle),
          e: scale * Math.cos(angle),
          f: -2 * shift,
        };
        const found = similarity(
          from,
          from.map((point) => applyTransform(truth, point)),
        );
        for (const key of ["a", "b", "c", "d", "e", "f"] as const)
          expect(Math.abs(found[key] - truth[key])).toBeLessThan(1e-6);
      },
    ),
  );
});

test("no similarity nearby fits inexact pairs better", () => {
  fc.assert(
    fc.property(points, fc.infiniteStream(number), (from, noise) => {
      fc.pre(spread(from) > 1);
      const to = from.map(([x, y]): Point => [x + noise.next().value!, 2 * y + noise.next().value!]);
      const best = similarity(from, to);
      const least = cost(from, to, best);
      for (const [real, imaginary, x, y] of [
        [1e-3, 0, 0, 0],
        [0, 1e-3, 0, 0],
        [0, 0, 0.1, 0],
        [0, 0, 0, 0.1],
      ] as const) {
        for (const sign of [1, -1]) {
          const other = {
            a: best.a + sign * real,
            b: best.b - sign * imaginary,
            c: best.c + sign * x,
            d: best.d + sign * imaginary,
            e: best.e + sign * real,
            f: best.f + sign * y,
          };
          expect(cost(from, to, other)).toBeGreaterThan(least - 1e-9 * (1 + least));
        }
      }
    }),
  );
});

test("never mirrors, even if the pairs do", () => {
  const { a, b, d, e } = similarity(
    [
      [0, 0],
      [2, 0],
      [0, 1],
    ],
    [
      [0, 0],
      [-2, 0],
      [0, 1],
    ],
  );
  expect(a * e - b * d).toBeGreaterThan(0);
});

test("refuses too few, coincident and infinite points", () => {
  expect(() => similarity([[0, 0]], [[1, 1]])).toThrow(/two or more pairs/);
  expect(() =>
    similarity(
      [
        [0, 0],
        [1, 1],
      ],
      [[1, 1]],
    ),
  ).toThrow(/2 and 1 points/);
  expect(() =>
    similarity(
      [
        [1, 1],
        [1, 1],
      ],
      [
        [0, 0],
        [1, 1],
      ],
    ),
  ).toThrow(/coincide/);
  expect(() =>
    similarity(
      [
        [0, 0],
        [1, Number.NaN],
      ],
      [
        [0, 0],
        [1, 1],
      ],
    ),
  ).toThrow(/not finite/);
});
