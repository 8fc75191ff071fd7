import { describe } from "vitest";
import { accessTests } from "./access.ts";
import { dubAndFeelTests } from "./dub-and-feel.ts";
import { interruptionsTests } from "./interruptions.ts";
import { chromium, chromiumIsHere } from "./open-studio.ts";
import { served } from "./served.ts";
import { speakingTests } from "./speaking.ts";

if (!chromiumIsHere && process.env["CI"] === "true") throw new Error(`These tests need ${chromium}.`);

// One file for the runner: the page is built once, and one browser at a time is enough for two cores.
describe.skipIf(!chromiumIsHere)(`the studio in ${chromium}`, () => {
  const studio = served();
  speakingTests(studio);
  interruptionsTests(studio);
  dubAndFeelTests(studio);
  accessTests(studio);
});
