import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tensor } from "@prosopon/graph";
import { toPlanar } from "@prosopon/media";
import { openModelFolder } from "@prosopon/models/node";
import { createEditor, finish } from "@prosopon/reenactment";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recipeNamed } from "../all-recipes.ts";
import { packRun } from "../pack-run.ts";
import { runRecipe } from "../run-recipe.ts";
import { prepareData } from "./prepare-data.ts";
import { affectnetFolder, fixedFinder, meadClip, portraitOf } from "./sample-data.test.support.ts";

const stage = fileURLToPath(new URL("../../../../../models/first-stage-portraits", import.meta.url));

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "prosopon-train-on-data-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Two steps of a recipe on a prepared folder, packed as a model. */
async function trained(name: "reenactment" | "talk", data: string) {
  const { recipe, settings } = recipeNamed(name, { "first-stage": stage, data });
  const run = join(root, `run-${name}`);
  const options = { folder: run, cache: join(root, "cache"), seed: 1, steps: 2, batch: 2, learningRate: 1e-3 };
  const seen: string[] = [];
  for await (const { event } of runRecipe(recipe, { ...options, settings })) seen.push(event);
  expect(seen).toContain("end");
  expect((await readFile(join(run, "losses.csv"), "utf8")).trim().split("\n")).toHaveLength(3);
  return packRun({ run, folder: join(root, "models"), name: `my-${name}` });
}

test("reenactment learns from prepared pictures; its model says how faces must be aligned, and edits", async () => {
  const output = join(root, "pictures");
  await affectnetFolder(join(root, "affectnet"), ["0", "1", "2", "3", "4"]);
  const input = join(root, "affectnet");
  await prepareData({ layout: "affectnet", input, output, alignment: "reference", finder: fixedFinder() });
  const manifest = await trained("reenactment", output);
  expect(manifest).toMatchObject({
    kind: "reenactment",
    domain: "photographs",
    alignment: "reference",
    config: { firstStage: "first-stage-portraits" },
    training: { data: expect.stringContaining("5 pictures of the user's in the layout affectnet") },
  });
  const card = await readFile(join(root, "models", "my-reenactment", "README.md"), "utf8");
  expect(card).toContain("Alignment: reference");

  // What was encoded once is kept.
  const latents = join(output, "latents", (await readdir(join(output, "latents")))[0]!);
  const [file] = await readdir(latents);
  const { mtimeMs } = await stat(join(latents, file!));
  await rm(join(root, "run-reenactment"), { recursive: true });
  await trained("reenactment", output);
  expect((await stat(join(latents, file!))).mtimeMs).toBe(mtimeMs);

  const denoiser = await openModelFolder(join(root, "models", "my-reenactment"), { kind: "reenactment" });
  const first = await openModelFolder(stage, { kind: "first-stage" });
  await using host = await createHost({ kind: "in-process" });
  await using editor = await createEditor({
    host,
    firstStage: { config: first.manifest.config, parameters: first.parameters },
    denoiser: { config: denoiser.manifest.config, parameters: denoiser.parameters },
  });
  const image = tensor("float32", [1, 3, 128, 128], toPlanar(portraitOf(1, 128).picture));
  const edited = await finish(editor.edit({ image, from: "neutral", to: "happy", steps: 3 }));
  expect(edited.image.data.every(Number.isFinite)).toBe(true);
});

test("talk learns from prepared clips: their rate, their sound, no controls", async () => {
  const input = join(root, "mead");
  for (const clip of ["001", "002"]) await meadClip(input, { subject: "M005", emotion: "happy", clip });
  await meadClip(input, { subject: "M003", emotion: "sad", clip: "001" });
  const output = join(root, "clips");
  await prepareData({ layout: "mead", input, output, alignment: "reference", finder: fixedFinder() });
  const manifest = await trained("talk", output);
  expect(manifest).toMatchObject({
    kind: "talking-face",
    alignment: "reference-clip",
    config: { framesPerSecond: 30, conditions: { audio: { features: "log-mel" }, masked: true, motion: 1 } },
  });
  expect(manifest.config).not.toHaveProperty("conditions.controls");
  await openModelFolder(join(root, "models", "my-talk"), { kind: "talking-face" });
  const asked = recipeNamed("talk", { "first-stage": stage, data: output, conditions: "audio+controls" });
  const deaf = recipeNamed("talk", { "first-stage": stage, data: output, hearing: root });
  const options = { folder: join(root, "refused"), cache: root, seed: 1, steps: 2, batch: 2, learningRate: 1e-3 };
  const refused = runRecipe(asked.recipe, { ...options, settings: asked.settings }).next();
  await expect(refused).rejects.toThrow(/no controls in a data set of films/);
  const unheard = runRecipe(deaf.recipe, { ...options, settings: deaf.settings }).next();
  await expect(unheard).rejects.toMatchObject({ code: "not-found", mend: expect.stringContaining("recipe speech") });
});
