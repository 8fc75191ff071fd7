import { describe, expect, it } from "vitest";
import type { Point } from "./head-pose.ts";
import { mouthOpening } from "./mouth-opening.ts";
import { portrait } from "./portrait.ts";
import { sample } from "./sample.ts";
import { scene } from "./scene.ts";
import { sceneLandmarks } from "./scene-face.ts";

describe("mouthOpening", () => {
  it("is the lips' distance over the eyes' distance, whatever the scale and turn", () => {
    const points = Array.from({ length: 68 }, (): Point => [0, 0]);
    for (let n = 36; n < 42; n += 1) points[n] = [10 + (n % 2), 5];
    for (let n = 42; n < 48; n += 1) points[n] = [50 + (n % 2), 5];
    points[62] = [30, 40];
    points[66] = [30, 50];
    expect(mouthOpening(points)).toBeCloseTo(10 / 40, 12);
    const turned = points.map(([x, y]): Point => [3 * (0.8 * x - 0.6 * y), 3 * (0.6 * x + 0.8 * y)]);
    expect(mouthOpening(turned)).toBeCloseTo(10 / 40, 12);
  });

  it("tells an open mouth from a shut one", () => {
    const opening = (viseme: "a" | "p" | "t"): number => mouthOpening(sceneLandmarks(scene({ identity: 3, viseme })));
    expect(opening("p")).toBeLessThan(1e-9);
    expect(opening("a")).toBeGreaterThan(0.3);
    expect(opening("t")).toBeLessThan(opening("a") / 2);
  });
});

describe("sceneLandmarks", () => {
  it("gives what portrait gives", () => {
    for (let index = 0; index < 5; index += 1) {
      const item = sample({ seed: 8, index, speaking: 1 });
      expect(sceneLandmarks(item)).toEqual(portrait(item).landmarks);
    }
  });
});
