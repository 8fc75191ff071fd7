import { join } from "node:path";
import { findEmotion } from "@prosopon/applications";
import { emotions } from "@prosopon/corpus";
import { expect, test } from "vitest";
import { homeFolder, modelFolders } from "./model-folders.ts";
import { numberOption } from "./number-option.ts";
import { oneLine } from "./one-line.ts";

test("numbers: within the range, or a refusal that names it", () => {
  const steps = numberOption("steps", { least: 1, most: 1000, whole: true });
  expect(steps("40")).toBe(40);
  for (const text of ["0", "1001", "1.5", "", "x", "-3", "NaN", "Infinity"])
    expect(() => steps(text), text).toThrow(`--steps ${text} is out of range. Give a whole number, 1 to 1000.`);
  expect(numberOption("guidance", { least: 0 })("2.5")).toBe(2.5);
});

test("emotions: names, aliases both ways, any case; else the labels are listed", () => {
  expect(findEmotion("Happy", emotions)).toBe("happy");
  expect(findEmotion("fear", emotions)).toBe("scared");
  expect(findEmotion("scared", ["neutral", "fear"])).toBe("fear");
  expect(() => findEmotion("bored", emotions)).toThrow(`Unknown emotion "bored". Use one of ${emotions.join(", ")}.`);
  expect(() => findEmotion("constructor", emotions)).toThrow("Unknown emotion");
});

test("the user's own models come first", () => {
  const world = { env: {}, home: "/h", platform: "linux" };
  expect(homeFolder(world)).toBe(join("/h", ".local", "share", "prosopon"));
  expect(homeFolder({ ...world, env: { XDG_DATA_HOME: "/x" } })).toBe(join("/x", "prosopon"));
  expect(homeFolder({ ...world, env: { PROSOPON_HOME: "/p" } })).toBe("/p");
  expect(homeFolder({ ...world, platform: "darwin" })).toContain("Application Support");
  expect(modelFolders({ ...world, env: { PROSOPON_HOME: "/p" } })[0]).toBe(join("/p", "models"));
});

test("messages become one line", () => {
  expect(oneLine("a\n  b\n\nc ")).toBe("a; b; c");
});
