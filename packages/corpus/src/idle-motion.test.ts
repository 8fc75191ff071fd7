import { describe, expect, it } from "vitest";
import { idleMotion } from "./idle-motion.ts";

describe("idleMotion", () => {
  const minutes = idleMotion({ seed: 4, frames: 7500, framesPerSecond: 25 });

  it("depends on the seed alone; a longer run begins with the shorter one", () => {
    expect(idleMotion({ seed: 4, frames: 200, framesPerSecond: 25 })).toEqual(minutes.slice(0, 200));
    expect(idleMotion({ seed: 5, frames: 200, framesPerSecond: 25 })).not.toEqual(minutes.slice(0, 200));
  });

  it("blinks every 2 to 5 seconds for a fifth of a second", () => {
    const starts = minutes.flatMap(({ blink }, frame) => (blink > 0 && !minutes[frame - 1]?.blink ? [frame / 25] : []));
    const waits = starts.slice(1).map((time, index) => time - starts[index]!);
    expect(starts.length).toBeGreaterThan(60);
    expect(Math.min(...waits)).toBeGreaterThan(1.9);
    expect(Math.max(...waits)).toBeLessThan(5.1);
    const shut = minutes.filter(({ blink }) => blink > 0).length;
    expect(Math.abs(shut / 25 / starts.length - 0.2)).toBeLessThan(0.02);
  });

  it("sways gently within its bounds", () => {
    for (const [axis, bound] of [
      ["yaw", 3],
      ["pitch", 2],
      ["roll", 1.5],
    ] as const) {
      const values = minutes.map((frame) => frame[axis]);
      expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(bound);
      expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(bound);
      // Below a degree between frames 40 ms apart.
      expect(Math.max(...values.slice(1).map((value, k) => Math.abs(value - values[k]!)))).toBeLessThan(1);
    }
  });

  it("refuses half a frame", () => {
    expect(() => idleMotion({ seed: 1, frames: 0.5, framesPerSecond: 25 })).toThrow(/0.5 frames/);
  });
});
