import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arpabetIpa } from "./arpabet.ts";
import { mouthTrack } from "./mouth-track.ts";
import type { Phone } from "./phone.ts";

/** Phones one after the other; "AA:120" lasts 120 ms. */
function said(text: string): Phone[] {
  let start = 0;
  return text.split(" ").map((item) => {
    const [phone, milliseconds] = item.split(":") as [string, string];
    const end = start + Number(milliseconds) / 1000;
    const result = { phone, start, end };
    start = end;
    return result;
  });
}
const at = (track: ReturnType<typeof mouthTrack>, time: number, rate: number) =>
  track[Math.round(time * rate - 0.5)]!.shape;

describe("mouthTrack", () => {
  it("reaches most of a vowel's opening, lets s and t close the jaw, and closes in silence", () => {
    const rate = 200;
    const track = mouthTrack(said("SIL:200 T:80 AA:120 S:90 AE:120 SIL:300"), { framesPerSecond: rate, frames: 182 });
    expect(at(track, 0.34, rate).jaw).toBeGreaterThan(0.7 * 0.95);
    expect(at(track, 0.55, rate).jaw).toBeGreaterThan(0.7 * 0.95);
    expect(at(track, 0.445, rate).jaw).toBeLessThan(0.3);
    for (const [frame, { shape }] of track.entries()) {
      const time = (frame + 0.5) / rate;
      if (time < 0.18 || time > 0.64) expect(shape.closure, `at ${time} s`).toBeGreaterThan(0.7);
      if (time > 0.24 && time < 0.58) expect(shape.closure, `at ${time} s`).toBe(0);
    }
  });

  it("anticipates: the lips round before the vowel that needs it", () => {
    const options = { framesPerSecond: 100, frames: 60 };
    const round = mouthTrack(said("AE:150 S:100 UW:150 SIL:200"), options);
    const spread = mouthTrack(said("AE:150 S:100 IY:150 SIL:200"), options);
    // 30 ms before the vowel the s already differs; 150 ms before it the a does not yet.
    expect(at(spread, 0.22, 100).width - at(round, 0.22, 100).width).toBeGreaterThan(0.25);
    expect(Math.abs(at(spread, 0.1, 100).width - at(round, 0.1, 100).width)).toBeLessThan(0.05);
  });

  it("tucks the lower lip in f and v even between open vowels", () => {
    for (const phone of ["F", "V"]) {
      const track = mouthTrack(said(`AA:120 ${phone}:60 AA:120`), { framesPerSecond: 25, frames: 8 });
      expect(Math.min(...track.map(({ shape }) => shape.lower))).toBeLessThan(-0.6);
    }
  });

  it("shuts the lips in at least one frame of every p, b and m, however short, and keeps every number in range", () => {
    const phone = fc.record({
      phone: fc.constantFrom(...Object.keys(arpabetIpa)),
      milliseconds: fc.integer({ min: 12, max: 300 }),
    });
    fc.assert(
      fc.property(fc.array(phone, { minLength: 1, maxLength: 30 }), fc.constantFrom(24, 25, 30, 60), (list, rate) => {
        const phones = said(list.map((item) => `${item.phone}:${item.milliseconds}`).join(" "));
        const frames = Math.ceil(phones.at(-1)!.end * rate);
        const track = mouthTrack(phones, { framesPerSecond: rate, frames });
        expect(track).toHaveLength(frames);
        for (const { phone: name, start, end } of phones.filter((item) => /^(P|B|M|EM)$/.test(item.phone))) {
          const near = track.filter((_, k) => Math.abs((k + 0.5) / rate - (start + end) / 2) <= 0.51 / rate);
          expect(Math.max(...near.map(({ shape }) => shape.closure)), name).toBe(1);
          track.forEach(({ shape }, k) => {
            if ((k + 0.5) / rate >= start && (k + 0.5) / rate < end) expect(shape.closure).toBe(1);
          });
        }
        for (const { shape } of track) {
          for (const value of [shape.jaw, shape.protrusion, shape.upper, shape.closure, shape.tongue]) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(1);
          }
          expect(Math.abs(shape.width)).toBeLessThanOrEqual(1);
          expect(Math.abs(shape.lower)).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("is silent where no phone is, and without any", () => {
    expect(mouthTrack([], { framesPerSecond: 25, frames: 3 }).map(({ viseme }) => viseme)).toEqual([
      "silence",
      "silence",
      "silence",
    ]);
    const gap = mouthTrack([{ phone: "AA", start: 0.4, end: 0.6 }], { framesPerSecond: 25, frames: 25 });
    expect(gap[2]!.shape.closure).toBeGreaterThan(0.8);
    expect(gap[12]!.shape.closure).toBe(0);
    expect(gap[22]!.shape.closure).toBeGreaterThan(0.8);
  });

  it("refuses what makes no track", () => {
    const rate = { framesPerSecond: 25, frames: 10 };
    expect(() => mouthTrack([{ phone: "AA", start: 0.2, end: 0.1 }], rate)).toThrow(/from 0.2 s to 0.1 s/);
    expect(() => mouthTrack(said("AA:100 B:100").reverse(), rate)).toThrow(/The phone AA lasts/);
    expect(() => mouthTrack(said("AA:100 QQ:100"), rate)).toThrow(/Unknown phone "QQ"/);
    expect(() => mouthTrack([], { framesPerSecond: 0, frames: 10 })).toThrow(/10 frames at 0 per second/);
  });
});
