import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { actionUnits } from "./action-units.ts";
import { emotions, type Intensity } from "./emotion.ts";
import { expression } from "./expression.ts";

const total = (units: Readonly<Record<string, number>>): number =>
  Object.values(units).reduce((sum, value) => sum + value, 0);

describe("expression", () => {
  it("gives every unit within 0..1, the same for the same seed", () => {
    fc.assert(
      fc.property(fc.constantFrom(...emotions), fc.constantFrom(1, 2, 3), fc.nat(), (emotion, intensity, seed) => {
        const options = { emotion, intensity: intensity as Intensity, seed };
        const units = expression(options);
        expect(Object.keys(units)).toEqual([...actionUnits]);
        for (const value of Object.values(units)) expect(value >= 0 && value <= 1).toBe(true);
        expect(expression(options)).toEqual(units);
      }),
    );
  });

  it("grades: each unit of a stronger face is clearly stronger, whatever the seed of either", () => {
    fc.assert(
      fc.property(fc.constantFrom(...emotions.slice(1)), fc.nat(), (emotion, seed) => {
        const [slight, clear, strong] = ([1, 2, 3] as const).map((intensity) =>
          expression({ emotion, intensity, seed }),
        );
        for (const unit of actionUnits) {
          if (strong![unit] === 0) continue;
          expect(clear![unit] / slight![unit]).toBeGreaterThan(1.4);
          expect(strong![unit] / clear![unit]).toBeGreaterThan(1.3);
        }
      }),
    );
  });

  it("varies with the seed", () => {
    const seen = new Set(
      Array.from({ length: 50 }, (_, seed) => JSON.stringify(expression({ emotion: "happy", intensity: 2, seed }))),
    );
    expect(seen.size).toBe(50);
  });

  it("uses the units that FACS names for the emotions", () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const of = (emotion: string) => expression({ emotion, intensity: 3, seed });
      expect(Math.min(of("happy").AU12, of("happy").AU6)).toBeGreaterThan(0.5);
      expect(Math.min(of("sad").AU1, of("sad").AU15)).toBeGreaterThan(0.5);
      expect(Math.min(of("surprise").AU1, of("surprise").AU2, of("surprise").AU5)).toBeGreaterThan(0.5);
      expect(Math.min(of("fear").AU1, of("fear").AU5, of("fear").AU20, of("fear").AU4)).toBeGreaterThan(0.5);
      expect(Math.min(of("disgust").AU9, of("disgust").AU10)).toBeGreaterThan(0.5);
      expect(Math.min(of("anger").AU4, of("anger").AU7, of("anger").AU23)).toBeGreaterThan(0.4);
      const { L14, R14, L12, R12 } = of("contempt");
      expect(Math.max(L14, R14)).toBeGreaterThan(0.5);
      expect([Math.min(L14, R14), Math.min(L12, R12)]).toEqual([0, 0]);
      expect(total(of("neutral"))).toBeLessThan(0.4);
    }
  });

  it("refuses an unknown intensity", () => {
    expect(() => expression({ emotion: "happy", intensity: 4 as Intensity })).toThrow(/intensity 4.*1 \(slight\)/);
  });
});
