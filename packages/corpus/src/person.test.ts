import { describe, expect, it } from "vitest";
import { person } from "./person.ts";

describe("person", () => {
  it("is the same for the same identity", () => {
    expect(person(4711)).toEqual(person(4711));
  });

  it("differs between any two of 2000 identities", () => {
    // Geometry and colours only, each in units of its own spread, so that one odd number cannot make the difference.
    const features = Array.from({ length: 2000 }, (_, identity) => {
      const p = person(identity);
      return [
        (p.faceWidth - 36) / 1.2,
        (p.faceHeight - 53) / 1.5,
        (p.eyeDistance - 16.5) / 0.5,
        (p.eyeWidth - 8.3) / 0.4,
        (p.noseLength - 17.7) / 0.9,
        (p.noseWidth - 7.4) / 0.7,
        (p.mouthWidth - 13) / 0.7,
        (p.browThickness - 2.8) / 0.5,
        (p.browArch - 1.9) / 0.5,
        (p.lowerLip - 3.6) / 0.5,
        p.skin[1] / 50,
        p.hairColour[0] / 50,
        p.iris[2] / 40,
        p.clothesColour[0] / 50,
      ];
    });
    let nearest = Number.POSITIVE_INFINITY;
    for (let a = 0; a < features.length; a += 1) {
      for (let b = 0; b < a; b += 1) {
        let distance = 0;
        for (let index = 0; index < features[a]!.length; index += 1)
          distance += (features[a]![index]! - features[b]![index]!) ** 2;
        nearest = Math.min(nearest, distance);
      }
    }
    expect(Math.sqrt(nearest)).toBeGreaterThan(0.4);
  });

  it("comes in all styles", () => {
    const people = Array.from({ length: 600 }, (_, identity) => person(identity));
    const kinds = (key: "hair" | "beard" | "glasses" | "clothes"): number => new Set(people.map((p) => p[key])).size;
    expect([kinds("hair"), kinds("beard"), kinds("glasses"), kinds("clothes")]).toEqual([16, 5, 4, 6]);
    expect(people.every(({ age }) => age >= 18 && age <= 80)).toBe(true);
  });
});
