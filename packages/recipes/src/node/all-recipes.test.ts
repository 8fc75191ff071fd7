import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recipeNamed, recipes } from "./all-recipes.ts";
import { checkResumption } from "./check-resumption.ts";

test("every recipe takes its own defaults", () => {
  for (const { name, settings } of recipes) {
    const own = Object.fromEntries(Object.entries(settings).map(([key, one]) => [key, one.default]));
    expect(recipeNamed(name, own).settings).toEqual(own);
  }
});

test.each([
  ["identity", { people: "many" }, /people=many.*whole number, 2 or more/],
  ["identity", { people: "" }, /whole number/],
  ["emotion", { architecture: "deep" }, /architecture=deep.*plain, residual, slim/],
  ["emotion", { pictures: "0" }, /pictures=0/],
  ["reenactment", { drop: "1.5" }, /drop=1.5.*number, 0 to 1/],
  ["reenactment", { terminal: "none" }, /terminal=none.*usual, zero/],
  ["first-stage", { "expert-weight": "much" }, /expert-weight=much.*number, 0 or more/],
  ["speech", { before: "17" }, /before=17.*whole number, 0 to 16/],
  ["talk", { clips: "0" }, /clips=0.*whole number, 1 or more/],
  ["talk", { dubbing: "0.7" }, /dubbing=0.7.*number, 0 to 0.5/],
  ["talk", { parameterization: "y" }, /parameterization=y.*v, x0, epsilon/],
])("%s with %j is refused, saying what it may be", (name, settings, message) => {
  expect(() => recipeNamed(name, settings)).toThrow(message);
});

test("a run goes on only as it was asked for; its length and pace may change, and settings may be new", async () => {
  const folder = await mkdtemp(join(tmpdir(), "prosopon-resumption-"));
  try {
    const asked = { recipe: "emotion", seed: 1, batch: 8, settings: { pictures: "100" } };
    await checkResumption(folder, asked);
    await writeFile(join(folder, "run.json"), JSON.stringify({ ...asked, steps: 10, learningRate: 0.1 }));
    await checkResumption(folder, { ...asked, settings: { pictures: "100", colour: "new" } });
    for (const other of [{ recipe: "identity" }, { seed: 2 }, { batch: 4 }, { settings: { pictures: "99" } }])
      await expect(checkResumption(folder, { ...asked, ...other })).rejects.toMatchObject({ code: "bad-input" });
  } finally {
    await rm(folder, { recursive: true });
  }
});
