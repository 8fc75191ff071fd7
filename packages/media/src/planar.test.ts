import fc from "fast-check";
import { expect, test } from "vitest";
import { image } from "./image.ts";
import { fromPlanar, toPlanar } from "./planar.ts";

test("lays out NCHW from -1 to 1", () => {
  const planes = toPlanar(image(2, 1, 3, new Uint8Array([0, 255, 51, 102, 153, 204])));
  const expected = [-1, -0.2, 1, 0.2, -0.6, 0.6];
  planes.forEach((value, index) => {
    expect(value).toBeCloseTo(expected[index]!, 6);
  });
});

test("every byte of every size survives the way there and back", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 6 }),
      fc.constantFrom(1 as const, 3 as const, 4 as const),
      fc.infiniteStream(fc.nat(255)),
      (width, height, channels, bytes) => {
        const source = image(width, height, channels, Uint8Array.from(bytes.take(width * height * channels)));
        expect(fromPlanar(toPlanar(source), width, height)).toEqual(source);
      },
    ),
  );
});

test("clamps what is out of range and rounds to the nearest level", () => {
  const half = 1 / 127.5 / 2;
  const values = new Float32Array([-7, 7, Number.POSITIVE_INFINITY, -1 + half * 0.98, -1 + half * 1.02, 0]);
  expect(Array.from(fromPlanar(values, 6, 1).data)).toEqual([0, 255, 255, 0, 1, 128]);
});

test("refuses lengths that fit no image, and NaN", () => {
  expect(() => fromPlanar(new Float32Array(8), 2, 2)).toThrow(/8 values are no image/);
  expect(() => fromPlanar(new Float32Array([0, Number.NaN, 0, 0]), 2, 2)).toThrow(/Value 1 .* NaN/);
});
