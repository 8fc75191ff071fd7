import { isProsoponError } from "@prosopon/errors";
import fc from "fast-check";
import { expect, test } from "vitest";
import { editSettings } from "./edit-options.ts";
import { editTimes } from "./edit-times.ts";
import { samplerNames } from "./samplers.ts";

const given = { strength: 500, guidance: 5, guidanceRule: "equation", eta: 0, seed: 0 };
const thesis = { ...given, steps: 40, sampler: "ddim", sigmas: "times", inversion: "ddim" };
const second = { ...given, steps: 8, sampler: "dpmpp-2m", sigmas: "karras", inversion: "dpmpp-2m" };

test.each([
  [{}, second],
  [{ sampler: "ddim" as const }, thesis],
  [{ inversion: "ddim" as const }, thesis],
  [{ eta: 0.5 }, { ...thesis, eta: 0.5 }],
  [{ inversion: "exact" as const }, { ...thesis, inversion: "exact" }],
  [
    { sampler: "unipc" as const, steps: 12 },
    { ...second, sampler: "unipc", steps: 12 },
  ],
  [{ sampler: "vp-flow" as const }, { ...second, sampler: "vp-flow", sigmas: "times" }],
  [
    { inversion: "ddim" as const, sampler: "heun" as const },
    { ...second, sampler: "heun", inversion: "ddim" },
  ],
])("%j: what else is not given follows, the thesis' headline setting or second order both ways", (input, expected) => {
  expect(editSettings(input)).toEqual(expected);
});

test("by the reference's rule guidance of 1 or less is none, by the equation only 1 is", () => {
  const rule = "reference" as const;
  const scales = (guidanceRule: "equation" | "reference") =>
    [0, 0.5, 1, 1.5].map((guidance) => editSettings({ guidance, guidanceRule }).guidance);
  expect(scales(rule)).toEqual([1, 1, 1, 1.5]);
  expect(scales("equation")).toEqual([0, 0.5, 1, 1.5]);
  expect(editSettings({ inversionGuidance: 0.5, guidanceRule: rule })).toMatchObject({
    inversionGuidance: 1,
    guidance: 5,
  });
});

test.each([
  [{ strength: 0 }, "strength 0 is not a whole number from 1 to 999"],
  [{ strength: 1000 }, "strength 1000 is not"],
  [{ strength: 1.5 }, "strength 1.5 is not"],
  [{ steps: 0 }, "steps 0 is not a whole number from 1 to 1000"],
  [{ guidance: -1 }, "guidance -1 is not a number from 0"],
  [{ guidance: Number.NaN }, "guidance"],
  [{ sampler: "magic" as "ddim" }, `one of ${samplerNames.join(", ")}`],
  [{ eta: 0.5, sampler: "dpmpp-2m" as const }, "dpmpp-2m has no eta"],
  [{ sigmas: "linear" as "karras" }, "one of times, exponential, karras"],
  [{ inversion: "exact" as const, sigmas: "karras" as const }, "Exact inversion goes with"],
  [{ colour: 1 } as object, 'no setting "colour"'],
])("refuses %j", (input, message) => {
  try {
    editSettings(input);
  } catch (error) {
    if (!isProsoponError(error)) throw error;
    expect(error.code).toBe("bad-input");
    expect(error.message).toContain(message);
    return;
  }
  throw new Error("not refused");
});

test("times rise from 1 to the strength, or the refusal names what fits", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 999 }), (steps, strength) => {
      try {
        const times = editTimes(steps, strength, 1000);
        expect(times).toHaveLength(steps);
        expect(Math.abs(times.at(-1)! - strength)).toBeLessThanOrEqual(steps === 1 ? 0 : 1);
      } catch (error) {
        if (!isProsoponError(error)) throw error;
        const most = Number(/at most (\d+)/.exec(error.message)![1]);
        expect(most).toBeLessThan(steps);
        expect(editTimes(most, strength, 1000)).toHaveLength(most);
      }
    }),
  );
});

test("guidance is the edit's, else the model's, else the thesis'", () => {
  expect(editSettings({ guidance: 3 }, { guidance: 2 }).guidance).toBe(3);
  expect(editSettings({}, { guidance: 2 }).guidance).toBe(2);
  expect(editSettings({}, { guidance: undefined }).guidance).toBe(5);
});
