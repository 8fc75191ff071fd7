import { describe, expect, it } from "vitest";
import { blendMouthShapes, mouthShape, type Viseme, visemes } from "./viseme.ts";

describe("visemes", () => {
  it("are told apart by their mouth shapes", () => {
    const shapes = visemes.map((viseme) => JSON.stringify(mouthShape(viseme)));
    expect(new Set(shapes).size).toBe(visemes.length);
  });

  it("close for p, open widest for a, round most for u, spread most for i", () => {
    const most = (key: "closure" | "jaw" | "protrusion" | "width"): Viseme =>
      visemes.reduce((best, viseme) => (mouthShape(viseme)[key] > mouthShape(best)[key] ? viseme : best));
    expect([most("closure"), most("jaw"), most("protrusion"), most("width")]).toEqual(["p", "a", "u", "i"]);
  });

  it("blend from the one to the other", () => {
    const [p, a] = [mouthShape("p"), mouthShape("a")];
    expect(blendMouthShapes(p, a, 0)).toEqual(p);
    expect(blendMouthShapes(p, a, 1)).toEqual(a);
    expect(blendMouthShapes(p, a, 0.5).jaw).toBeCloseTo((p.jaw + a.jaw) / 2, 12);
  });

  it("refuse a name that is none", () => {
    expect(() => mouthShape("x" as Viseme)).toThrow(/Unknown viseme "x".*silence, p, t/);
    expect(() => mouthShape("constructor" as Viseme)).toThrow(/Unknown viseme/);
  });
});
