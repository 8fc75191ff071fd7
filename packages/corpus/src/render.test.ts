import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Emotion, emotions } from "./emotion.ts";
import type { Point } from "./head-pose.ts";
import { person } from "./person.ts";
import { rasterize } from "./rasterize.ts";
import { render } from "./render.ts";
import { sample } from "./sample.ts";
import { scene } from "./scene.ts";

const hash = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");
const distance = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((sum, value, index) => sum + Math.abs(value - b[index]!), 0) / a.length;

/** Even-odd rule; `polygon` in pixels. */
function inside([px, py]: Point, polygon: readonly Point[]): boolean {
  let result = false;
  polygon.forEach(([ax, ay], index) => {
    const [bx, by] = polygon[(index + 1) % polygon.length]!;
    if (ay > py !== by > py && px < ((bx - ax) * (py - ay)) / (by - ay) + ax) result = !result;
  });
  return result;
}

describe("render", () => {
  it("gives the same pixels for the same seed, other pictures between", () => {
    const first = [0, 1, 2, 3].map((index) => hash(render(sample({ seed: 9, index })).image.data));
    const again = [3, 2, 1, 0].map((index) => hash(render(sample({ seed: 9, index })).image.data)).reverse();
    expect(again).toEqual(first);
    expect(new Set(first).size).toBe(4);
  });

  it("gives RGB of the wanted size", () => {
    const { image } = render(scene({ identity: 1 }), { size: 64 });
    expect([image.width, image.height, image.channels, image.data.length]).toEqual([64, 64, 3, 64 * 64 * 3]);
    expect(
      rasterize(
        '<svg xmlns="http://www.w3.org/2000/svg" width="2" height="1"><path d="M0 0h1v1h-1Z" fill="#f00"/></svg>',
        { width: 2, channels: 4 },
      ).data,
    ).toEqual(Uint8Array.of(255, 0, 0, 255, 0, 0, 0, 0));
  });

  it("draws lips where the landmarks say, turned and smiling", () => {
    for (const identity of [2, 6, 12, 28]) {
      const blue = { ...person(identity), lips: [0, 0, 255] as const, beard: "none" as const, femininity: 0 };
      const given = {
        identity,
        person: blue,
        emotion: "happy" as const,
        intensity: 3 as const,
        pose: { yaw: 14, pitch: -5, roll: 6 },
      };
      const { image, landmarks } = render(scene(given), { size: 256 });
      const at = (from: number, to: number): Point[] => landmarks.slice(from, to).map(([x, y]) => [x * 256, y * 256]);
      const [outer, inner] = [at(48, 60), at(60, 68)];
      let [within, beside, hole, lips] = [0, 0, 0, 0];
      for (let y = 128; y < 256; y += 1) {
        for (let x = 40; x < 216; x += 1) {
          const [r, , b] = image.data.subarray((y * 256 + x) * 3) as unknown as [number, number, number];
          const here: Point = [x + 0.5, y + 0.5];
          const inLips = inside(here, outer) && !inside(here, inner);
          if (inLips) lips += 1;
          if (b > r + 50) {
            if (inside(here, outer)) within += 1;
            else beside += 1;
            if (inside(here, inner)) hole += 1;
          }
        }
      }
      expect(lips).toBeGreaterThan(200);
      expect(within).toBeGreaterThan(0.8 * lips);
      // The landmark polygon cuts the curve's corners, so a little of the lips lies outside of it.
      expect(beside).toBeLessThan(0.15 * within);
      expect(hole).toBeLessThan(0.1 * within);
    }
  });

  it("shows emotions that a nearest-mean classifier tells apart at 64 x 64, on people whom it has not seen", () => {
    const size = 64;
    // Each face minus the same person's neutral face; front view and plain light, so that only the expression differs.
    const picture = (identity: number, emotion: Emotion): Uint8Array =>
      render(scene({ identity, emotion, intensity: 3, variation: identity }), { size }).image.data;
    const changes = (identity: number): Float64Array[] => {
      const neutral = picture(identity, "neutral");
      return shown.map((emotion) => {
        const moved = picture(identity, emotion);
        return Float64Array.from({ length: size * size }, (_, pixel) => moved[pixel * 3]! - neutral[pixel * 3]!);
      });
    };
    const shown = emotions.slice(1);
    const means = shown.map(() => new Float64Array(size * size));
    for (let identity = 0; identity < 20; identity += 1) {
      for (const [index, change] of changes(identity).entries()) {
        for (const [pixel, value] of change.entries()) means[index]![pixel]! += value;
      }
    }
    const cosine = (a: Float64Array, b: Float64Array): number => {
      let [dot, aa, bb] = [0, 0, 0];
      for (let index = 0; index < a.length; index += 1) {
        dot += a[index]! * b[index]!;
        aa += a[index]! ** 2;
        bb += b[index]! ** 2;
      }
      return dot / Math.sqrt(aa * bb);
    };
    let right = 0;
    const tests = Array.from({ length: 12 }, (_, index) => 100 + index);
    for (const identity of tests) {
      for (const [truth, change] of changes(identity).entries()) {
        const scores = means.map((mean) => cosine(mean, change));
        if (scores.indexOf(Math.max(...scores)) === truth) right += 1;
      }
    }
    expect(right / (tests.length * shown.length)).toBeGreaterThan(0.85);
  });

  it("shows people that differ more than their expressions do", () => {
    const picture = (identity: number, emotion: Emotion) =>
      render(scene({ identity, emotion, intensity: 2 }), { size: 64 }).image.data;
    const neutral = Array.from({ length: 30 }, (_, identity) => picture(identity, "neutral"));
    let nearest = Number.POSITIVE_INFINITY;
    for (const [a, one] of neutral.entries())
      for (const other of neutral.slice(0, a)) nearest = Math.min(nearest, distance(one, other));
    expect(nearest).toBeGreaterThan(4);
    for (const [identity, one] of neutral.entries())
      expect(distance(one, picture(identity, "sad"))).toBeLessThan(nearest);
  });
});
