import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Tensor, tensor } from "@prosopon/graph";
import { resize, toPlanar } from "@prosopon/media";
import { openModelFolder } from "@prosopon/models/node";
import { createEditor, finish } from "@prosopon/reenactment";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recipeNamed } from "../all-recipes.ts";
import { packRun } from "../pack-run.ts";
import { runRecipe } from "../run-recipe.ts";
import { prepareData } from "./prepare-data.ts";
import { affectnetFolder, fixedFinder, meadClip, portraitOf, putPicture } from "./sample-data.test.support.ts";

const stage = fileURLToPath(new URL("../../../../../models/first-stage-portraits", import.meta.url));

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "prosopon-train-on-data-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const usual = () => ({
  folder: join(root, "refused"),
  cache: join(root, "cache"),
  seed: 1,
  steps: 2,
  batch: 2,
  learningRate: 1e-3,
});

/** What a recipe says to settings, before it learns. */
async function refusal(name: string, given: Record<string, string>): Promise<unknown> {
  const { recipe, settings } = recipeNamed(name, given);
  return runRecipe(recipe, { ...usual(), settings }).next();
}

/** Two steps of a recipe on a prepared folder, packed as a model. */
async function trained(name: "first-stage" | "reenactment" | "talk", data: string, on = stage) {
  const { recipe, settings } = recipeNamed(name, name === "first-stage" ? { data } : { "first-stage": on, data });
  const run = `${data}-${name}`;
  const options = { ...usual(), folder: run };
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
  await rm(`${output}-reenactment`, { recursive: true });
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
  const asked = { "first-stage": stage, data: output };
  await expect(refusal("talk", { ...asked, conditions: "audio+controls" })).rejects.toThrow(
    /no controls in a data set of films/,
  );
  await expect(refusal("talk", { ...asked, hearing: root })).rejects.toMatchObject({
    code: "not-found",
    mend: expect.stringContaining("recipe speech"),
  });
});

test("a first stage learns from prepared pictures, and reenactment on it; nothing is rendered", async () => {
  const input = join(root, "faces");
  for (let index = 0; index < 36; index++) {
    const place = join(input, index < 33 ? "train" : "val", index % 2 ? "happy" : "sad", `${index}.png`);
    await putPicture(place, portraitOf(index).picture);
  }
  const output = join(root, "prepared-faces");
  await prepareData({ layout: "folder", input, output, alignment: "none" });
  const manifest = await trained("first-stage", output);
  expect(manifest).toMatchObject({
    kind: "first-stage",
    domain: "photographs",
    alignment: "none",
    config: { embed_dim: 4, ddconfig: { resolution: 128 } },
    training: { data: '33 pictures of the user\'s in the layout folder, aligned "none".' },
    scores: { psnr: expect.any(Number) },
  });
  const { recipe, settings } = recipeNamed("first-stage", { data: output });
  await using prepared = await recipe.prepare({ ...usual(), folder: `${output}-first-stage`, settings });
  const { image } = await prepared.data.batch(0, 1);
  const own = await Promise.all(
    Array.from({ length: 33 }, async (_, index) =>
      toPlanar(resize(portraitOf(index).picture, { width: 128, height: 128, antialias: false })),
    ),
  );
  const planes = (image as Tensor<"float32">).data;
  const size = planes.length / 2;
  for (const at of [0, size])
    expect(own.some((one) => one.every((value, i) => Math.abs(value - planes[at + i]!) < 0.02))).toBe(true);

  const on = join(root, "models", "my-first-stage");
  expect(await trained("reenactment", output, on)).toMatchObject({ config: { firstStage: "my-first-stage" } });
  await expect(stat(usual().cache)).rejects.toMatchObject({ code: "ENOENT" });
});

test("a first stage learns from frames of prepared clips too, five a second", async () => {
  const input = join(root, "long-clips");
  await meadClip(input, { subject: "M005", emotion: "happy", clip: "001" }, { frames: 187 });
  const output = join(root, "frames");
  await prepareData({ layout: "mead", input, output, finder: fixedFinder() });
  expect(await trained("first-stage", output)).toMatchObject({ domain: "photographs", alignment: "canonical" });
  const short = join(root, "short-clips");
  await meadClip(short, { subject: "M005", emotion: "happy", clip: "001" }, { frames: 186 });
  const few = join(root, "few-frames");
  await prepareData({ layout: "mead", input: short, output: few, finder: fixedFinder() });
  await expect(refusal("first-stage", { data: few })).rejects.toMatchObject({
    code: "bad-input",
    message: expect.stringContaining("31 pictures are too few"),
    mend: "Give at least 32 of 128 pixels.",
  });
});

test("a first stage refuses what is no prepared folder, and sides that do not halve", async () => {
  await expect(refusal("first-stage", { data: root })).rejects.toMatchObject({
    code: "not-found",
    message: expect.stringContaining("holds no finished data set"),
    mend: expect.stringContaining("prosopon data prepare"),
  });
  const input = join(root, "one");
  await putPicture(join(input, "train", "happy", "1.png"), portraitOf(1).picture);
  const output = join(root, "odd");
  await prepareData({ layout: "folder", input, output, alignment: "none", size: 100 });
  await expect(refusal("first-stage", { data: output })).rejects.toMatchObject({
    code: "bad-input",
    message: expect.stringContaining("pictures of 100 pixels"),
    mend: expect.stringContaining("multiple of 8"),
  });
  await expect(stat(join(root, "refused"))).rejects.toMatchObject({ code: "ENOENT" });
});
