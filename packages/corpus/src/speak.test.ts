import { describe, expect, it } from "vitest";
import { portrait } from "./portrait.ts";
import { scene } from "./scene.ts";
import { speak } from "./speak.ts";
import { mouthShape, type Viseme } from "./viseme.ts";

const track = (["silence", "p", "a", "p", "a", "silence"] as const).map((viseme) => ({ viseme, seconds: 0.2 }));
const still = scene({ identity: 5, emotion: "happy", intensity: 2 });

describe("speak", () => {
  it("makes one frame per 1/25 second with the viseme of its time", () => {
    const frames = speak({ scene: still, track });
    expect(frames).toHaveLength(30);
    expect(frames.map(({ viseme }) => viseme).join(" ")).toBe(
      track.flatMap(({ viseme }) => Array<Viseme>(5).fill(viseme)).join(" "),
    );
    // Half way through a viseme the mouth has its shape.
    expect(frames[12]!.mouth).toEqual(mouthShape("a"));
    expect(frames[7]!.mouth!.closure).toBe(1);
  });

  it("opens and closes the mouth smoothly", () => {
    const frames = speak({ scene: still, track, framesPerSecond: 200 });
    const gaps = frames.map((frame) => {
      const { landmarks } = portrait(frame);
      return landmarks[66]![1] - landmarks[62]![1];
    });
    expect(gaps[100]! - gaps[60]!).toBeGreaterThan(0.05);
    // The largest step between frames 5 ms apart, against the whole way.
    const steps = gaps.slice(1).map((gap, index) => Math.abs(gap - gaps[index]!));
    expect(Math.max(...steps)).toBeLessThan(0.2 * (Math.max(...gaps) - Math.min(...gaps)));
  });

  it("blinks, sways, and does both as its seed says", () => {
    const long = [{ viseme: "silence" as const, seconds: 12 }];
    const frames = speak({ scene: still, track: long, seed: 4 });
    expect(Math.max(...frames.map(({ blink }) => blink))).toBeGreaterThan(0.7);
    expect(frames.filter(({ blink }) => blink === 0).length).toBeGreaterThan(200);
    expect(new Set(frames.map(({ pose }) => pose.yaw)).size).toBe(300);
    expect(speak({ scene: still, track: long, seed: 4 })).toEqual(frames);
    expect(speak({ scene: still, track: long, seed: 5 })).not.toEqual(frames);
  });

  it("refuses a viseme without length", () => {
    expect(() => speak({ scene: still, track: [{ viseme: "a", seconds: 0 }] })).toThrow(/"a" lasts 0 seconds/);
  });
});
