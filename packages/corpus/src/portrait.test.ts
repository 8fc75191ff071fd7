import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { actionUnitsOf } from "./action-units.ts";
import { type Emotion, emotions, type Intensity } from "./emotion.ts";
import type { Point } from "./head-pose.ts";
import { portrait } from "./portrait.ts";
import { sample } from "./sample.ts";
import { type Scene, scene } from "./scene.ts";
import { visemes } from "./viseme.ts";

const knot = ([x, y]: Point, shift = 0): string =>
  `${Math.round((x * 128 + shift) * 100) / 100} ${Math.round(y * 128 * 100) / 100}`;
/** The points that the drawn curves pass through: every pair of numbers that ends a path command. */
const knots = (svg: string): Set<string> =>
  new Set([...svg.matchAll(/(-?[\d.]+ -?[\d.]+)(?=[MLCZ"])/g)].map((match) => match[1]!));
const points = (given: Partial<Scene>, identity = 7): readonly Point[] =>
  portrait(scene({ identity, ...given })).landmarks;
const units = (given: Parameters<typeof actionUnitsOf>[0], identity = 7) =>
  points({ actionUnits: actionUnitsOf(given) }, identity);
const y = (landmarks: readonly Point[], index: number): number => landmarks[index]![1];
const x = (landmarks: readonly Point[], index: number): number => landmarks[index]![0];
const lidGap = (landmarks: readonly Point[]): number =>
  y(landmarks, 41) - y(landmarks, 37) + y(landmarks, 46) - y(landmarks, 44);
const mouthGap = (landmarks: readonly Point[]): number => y(landmarks, 66) - y(landmarks, 62);

describe("landmarks", () => {
  it("are knots of the drawn contours, all 68 in every picture", () => {
    for (let index = 0; index < 60; index += 1) {
      const { svg, landmarks } = portrait({ ...sample({ seed: 11, index }), blink: 0 });
      const drawn = knots(svg);
      expect(landmarks).toHaveLength(68);
      expect(
        landmarks.flatMap((point, place) => (drawn.has(knot(point)) ? [] : [place])),
        `item ${index}`,
      ).toEqual([]);
      // The control: a tenth of a pixel beside them there is no contour.
      expect(landmarks.filter((point) => drawn.has(knot(point, 0.1))).length).toBeLessThan(4);
    }
  });

  it("lie in the frame, in iBUG order on a frontal face", () => {
    fc.assert(
      fc.property(fc.nat(20_000), (identity) => {
        const p = points({}, identity);
        for (const [px, py] of p) expect(px > 0 && px < 1 && py > 0 && py < 1).toBe(true);
        const rising = (indices: readonly number[], axis: 0 | 1): boolean =>
          indices.every((index, place) => place === 0 || p[index]![axis] > p[indices[place - 1]!]![axis]);
        // From below the cheekbones, which may be wider than the temples.
        expect(rising([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14], 0)).toBe(true);
        expect(rising([17, 18, 19, 20, 21, 22, 23, 24, 25, 26], 0)).toBe(true);
        expect(rising([27, 28, 29, 30, 33, 51, 62, 57, 8], 1)).toBe(true);
        expect(rising([31, 32, 33, 34, 35], 0)).toBe(true);
        expect(rising([36, 37, 38, 39, 42, 43, 44, 45], 0)).toBe(true);
        expect(rising([48, 60, 61, 62, 63, 64, 54], 0)).toBe(true);
        const eyes = (y(p, 36) + y(p, 39) + y(p, 42) + y(p, 45)) / 4;
        expect(Math.abs(eyes - 0.42)).toBeLessThan(0.02);
      }),
      { numRuns: 60 },
    );
  });

  it("follow the action units", () => {
    const rest = units({});
    expect(y(units({ AU12: 1 }), 48)).toBeLessThan(y(rest, 48) - 0.02);
    expect(y(units({ AU12: 1 }), 54)).toBeLessThan(y(rest, 54) - 0.02);
    expect(x(units({ AU12: 1 }), 54)).toBeGreaterThan(x(rest, 54) + 0.01);
    expect(y(units({ AU15: 1 }), 48)).toBeGreaterThan(y(rest, 48) + 0.02);
    expect(mouthGap(units({ AU26: 1 }))).toBeGreaterThan(mouthGap(rest) + 0.05);
    expect(mouthGap(units({ AU27: 1 }))).toBeGreaterThan(mouthGap(units({ AU26: 1 })));
    expect(y(units({ AU26: 1 }), 8)).toBeGreaterThan(y(rest, 8) + 0.02);
    expect(y(units({ AU1: 1 }), 21)).toBeLessThan(y(rest, 21) - 0.03);
    expect(y(units({ AU2: 1 }), 18)).toBeLessThan(y(rest, 18) - 0.03);
    expect(y(units({ AU4: 1 }), 21)).toBeGreaterThan(y(rest, 21) + 0.02);
    expect(x(units({ AU4: 1 }), 22) - x(units({ AU4: 1 }), 21)).toBeLessThan(x(rest, 22) - x(rest, 21) - 0.02);
    expect(lidGap(units({ AU5: 1 }))).toBeGreaterThan(1.15 * lidGap(rest));
    expect(lidGap(units({ AU7: 1 }))).toBeLessThan(0.8 * lidGap(rest));
    expect(lidGap(units({ AU43: 1 }))).toBeLessThan(0.5 * lidGap(rest));
    expect(y(units({ AU9: 1 }), 31)).toBeLessThan(y(rest, 31) - 0.01);
    // The person's left corner is on the picture's right.
    expect(y(units({ L12: 1 }), 54)).toBeLessThan(y(rest, 54) - 0.02);
    expect(y(units({ L12: 1 }), 48)).toBeCloseTo(y(rest, 48), 2);
  });

  it("shut the eyes at a full blink", () => {
    expect(lidGap(points({ blink: 0 }))).toBeGreaterThan(0.07);
    expect(lidGap(points({ blink: 1 }))).toBeCloseTo(0, 9);
    expect(lidGap(points({ blink: 0.5 }))).toBeLessThan(0.7 * lidGap(points({ blink: 0 })));
  });

  it("move further with every grade of an emotion", () => {
    const moved = (emotion: Emotion, intensity: Intensity, variation: number, identity: number): number => {
      const [from, to] = [
        points({ actionUnits: actionUnitsOf({}) }, identity),
        points({ emotion, intensity, variation }, identity),
      ];
      return Math.sqrt(
        from.reduce((sum, [px, py], index) => sum + (to[index]![0] - px) ** 2 + (to[index]![1] - py) ** 2, 0),
      );
    };
    fc.assert(
      fc.property(fc.constantFrom(...emotions.slice(1)), fc.nat(5000), fc.nat(5000), (emotion, variation, identity) => {
        const [one, two, three] = ([1, 2, 3] as const).map((grade) => moved(emotion, grade, variation, identity)) as [
          number,
          number,
          number,
        ];
        expect(moved("neutral", 3, variation, identity)).toBeLessThan(one);
        expect(two).toBeGreaterThan(1.2 * one);
        expect(three).toBeGreaterThan(1.15 * two);
      }),
    );
  });

  it("speak: p closes, a opens, u narrows, i spreads, also on an open smile", () => {
    for (const emotion of ["neutral", "happy", "surprised"] as const) {
      const say = (viseme: Scene["viseme"]) => points({ emotion, intensity: 3, viseme });
      const width = (landmarks: readonly Point[]): number => x(landmarks, 54) - x(landmarks, 48);
      expect(mouthGap(say("p"))).toBeLessThan(0.012);
      expect(mouthGap(say("a"))).toBeGreaterThan(0.07);
      for (const viseme of visemes) expect(mouthGap(say(viseme))).toBeLessThanOrEqual(mouthGap(say("a")) + 1e-9);
      expect(width(say("u"))).toBeLessThan(width(say("@")));
      expect(width(say("i"))).toBeGreaterThan(width(say("@")));
    }
  });

  it("turn with the head: nose against cheeks, down and up, roll", () => {
    const offset = (p: readonly Point[]): number => x(p, 30) - (x(p, 0) + x(p, 16)) / 2;
    const turned = (yaw: number, pitch = 0, roll = 0) => points({ pose: { yaw, pitch, roll } });
    expect(offset(turned(20))).toBeGreaterThan(0.05);
    expect(offset(turned(-20))).toBeCloseTo(-offset(turned(20)), 6);
    const lift = (p: readonly Point[]): number => y(p, 30) - (y(p, 0) + y(p, 16)) / 2;
    expect(lift(turned(0, 12))).toBeLessThan(lift(turned(0)) - 0.02);
    expect(y(turned(0, 0, 8), 45)).toBeGreaterThan(y(turned(0, 0, 8), 36) + 0.02);
  });
});

describe("portrait", () => {
  it("labels what it draws", () => {
    const item = sample({ seed: 2, index: 3 });
    const { labels } = portrait(item);
    expect(labels).toMatchObject({
      emotion: item.emotion,
      intensity: item.intensity,
      identity: item.identity,
      viseme: item.viseme,
    });
    expect(emotions[labels.emotionIndex]).toBe(item.emotion);
  });

  it("keeps all but the face when only the emotion changes", () => {
    const item: Scene = { ...sample({ seed: 2, index: 3 }), emotion: "neutral", viseme: "silence" };
    const [before, after] = [portrait(item), portrait({ ...item, emotion: "surprised", intensity: 3 })];
    expect(x(after.landmarks, 0)).toBe(x(before.landmarks, 0));
    expect(after.landmarks[16]).toEqual(before.landmarks[16]);
    expect(after.svg).not.toBe(before.svg);
    const backdrop = (svg: string): string => svg.slice(svg.indexOf("</defs>"), svg.indexOf("</defs>") + 300);
    expect(backdrop(after.svg)).toBe(backdrop(before.svg));
  });

  it("refuses what it cannot draw, by name", () => {
    const base = scene({ identity: 1 });
    expect(() => portrait({ ...base, emotion: "joy" as Emotion })).toThrow(
      /neutral, happy, sad, surprised, scared, disgusted, angry, contempt/,
    );
    expect(() => portrait({ ...base, pose: { yaw: Number.NaN, pitch: 0, roll: 0 } })).toThrow(/pose has yaw = NaN/);
    expect(() => portrait({ ...base, background: { ...base.background, style: "sky" as "plain" } })).toThrow(
      /Unknown background style "sky"/,
    );
  });
});
