import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openWeights } from "@prosopon/weights/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recipeNamed, recipes } from "./all-recipes.ts";
import { averagedWeights } from "./averaged-weights.ts";
import { runRecipe } from "./run-recipe.ts";
import { trainInChild } from "./train-in-child.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "prosopon-recipes-"));
});
afterAll(() => rm(root, { recursive: true }));

const options = (name: string, steps: number, more: Record<string, string> = {}) => ({
  folder: join(root, name),
  cache: join(root, "cache"),
  seed: 3,
  steps,
  batch: 2,
  learningRate: 1e-3,
  every: 2,
  settings: recipeNamed(more["recipe"] ?? name, {
    ...(["talk", "talk-finish", "speech"].includes(more["recipe"] ?? name) ? { clips: "2" } : { pictures: "40" }),
    ...(more["first-stage"] ? { "first-stage": more["first-stage"] } : {}),
    ...(more["hearing"] ? { hearing: more["hearing"] } : {}),
    ...(more["learn"] ? { learn: more["learn"] } : {}),
    ...(more["edits"] ? { edits: more["edits"] } : {}),
  }).settings,
});

async function weights(name: string): Promise<Map<string, number[]>> {
  await using file = await openWeights(join(root, name, averagedWeights));
  const all = new Map<string, number[]>();
  for (const key of file.names) all.set(key, Array.from((await file.read(key)).data as Float32Array));
  return all;
}

const drain = async (events: AsyncIterable<{ event: string }>) => {
  const seen: string[] = [];
  for await (const { event } of events) seen.push(event);
  return seen;
};

/** Four steps at once and in two parts come to the same weights, bit for bit. */
async function resumes(recipeName: string, given: Record<string, string> = {}): Promise<void> {
  const { name = recipeName, from, ...more } = given;
  const { recipe } = recipeNamed(recipeName);
  const started = from === undefined ? {} : { from };
  expect(
    await drain(runRecipe(recipe, { ...options(name, 4, { recipe: recipeName, ...more }), ...started })),
  ).toContain("end");
  const record = await readFile(join(root, name, "losses.csv"), "utf8");
  expect(record.trim().split("\n")).toHaveLength(5);
  const parted = { ...options(`${name}-parted`, 4, { ...more, recipe: recipeName }), ...started };
  const stop = new AbortController();
  const first = runRecipe(recipe, { ...parted, signal: stop.signal });
  await expect(
    (async () => {
      for await (const event of first) if (event.event === "step" && event.step === 2) stop.abort();
    })(),
  ).rejects.toMatchObject({ code: "cancelled" });
  await drain(runRecipe(recipe, parted));
  expect(await weights(`${name}-parted`)).toEqual(await weights(name));
}

const later = ["reenactment", "talk", "talk-finish", "speech", "first-stage"];
test.each(
  recipes.filter((r) => !later.includes(r.name)).map((r) => r.name),
)("%s trains, and a resumed run equals a whole one", (name) => resumes(name));

test("the denoiser learns on a first stage's latents, in a child process", async () => {
  await drain(
    runRecipe(recipeNamed("first-stage").recipe, { ...options("first-stage", 2), settings: { pictures: "100" } }),
  );
  const { settings, ...rest } = options("reenactment", 3, { "first-stage": join(root, "first-stage") });
  const events = await drain(trainInChild("reenactment", { ...rest, settings }));
  expect(events.filter((e) => e === "step")).toHaveLength(3);
  expect(events.at(-1)).toBe("end");
});

test("a denoiser learns edits whose result is known, by its outer layers alone; a resumed run equals a whole one", async () => {
  const more = { recipe: "reenactment", "first-stage": join(root, "first-stage"), learn: "outer", edits: "0.5" };
  const from = join(root, "reenactment");
  await resumes("reenactment", { ...more, name: "edits", from });
  const [before, after] = await Promise.all(["reenactment", "edits"].map(weights));
  const changed = [...before!.keys()].filter((name) => `${before!.get(name)}` !== `${after!.get(name)}`);
  const own = (name: string) => /\.(in_layers|out_layers|skip_connection|proj_in|attn1)\./.test(name);
  expect(changed.filter(own).every((name) => /\.(input_blocks\.[012]|output_blocks\.[678])\./.test(name))).toBe(true);
  for (const part of [
    "cond_stage_model.embedding",
    "output_blocks.8.0.in_layers",
    "diffusion_model.out.2",
    "attn2.to_v",
  ])
    expect(
      changed.some((name) => name.includes(part)),
      part,
    ).toBe(true);
  const { recipe } = recipeNamed("reenactment");
  await expect(drain(runRecipe(recipe, options("refused/no-start", 4, more)))).rejects.toThrow("--from");
  expect(await readdir(root)).not.toContain("refused");
});

// Skips where flite is not installed.
const spoken = test.skipIf(spawnSync("flite", ["--version"]).error !== undefined && process.env["CI"] !== "true");

spoken("speech trains, and a resumed run equals a whole one", () => resumes("speech"));

spoken("talk trains on the same latents, and a resumed run equals a whole one", () =>
  resumes("talk", { "first-stage": join(root, "first-stage") }),
);

spoken("talk takes the encoder that speech trained and leaves it as it is", async () => {
  const more = { recipe: "talk", "first-stage": join(root, "first-stage"), hearing: join(root, "speech") };
  await drain(runRecipe(recipeNamed("talk").recipe, options("hears", 3, more)));
  const [heard, trained, own] = await Promise.all(["speech", "hears", "talk"].map(weights));
  const encoder = [...heard!.keys()].filter((name) => /^cond_stage_model_2\.(?!absent)/.test(name));
  expect(encoder.length).toBeGreaterThan(5);
  for (const name of encoder) expect(trained!.get(name), name).toEqual(heard!.get(name));
  const token = "cond_stage_model_2.token.weight";
  expect(own!.get(token)).not.toEqual(heard!.get(token));
});

spoken(
  "where only its entry learns, the talking face takes another encoder and its U-Net's other weights stay",
  async () => {
    const hearing = join(root, "speech");
    const more = { recipe: "talk", "first-stage": join(root, "first-stage"), hearing, learn: "entry" };
    const { recipe } = recipeNamed("talk");
    await drain(runRecipe(recipe, { ...options("entry", 3, more), from: join(root, "talk") }));
    const [own, after] = await Promise.all(["talk", "entry"].map(weights));
    const changed = [...own!.keys()].filter((name) => `${own!.get(name)}` !== `${after!.get(name)}`);
    for (const part of ["cond_stage_model_2", "label_emb", "emb_layers"])
      expect(
        changed.some((name) => name.includes(part)),
        part,
      ).toBe(true);
    // The U-Net's own way from latent to latent.
    expect(
      changed.filter((name) => /\.(in_layers|out_layers|skip_connection|proj_in|proj_out|op|attn1)\./.test(name)),
    ).toEqual([]);
    expect(own!.size - changed.length).toBeGreaterThan(own!.size / 2);
  },
);

spoken(
  "a talking face is finished by its biases alone, and stays the network it was; a resumed run equals a whole one",
  async () => {
    const more = { recipe: "talk-finish", "first-stage": join(root, "first-stage") };
    await resumes("talk-finish", { ...more, from: join(root, "talk") });
    const [own, after] = await Promise.all(["talk", "talk-finish"].map(weights));
    expect([...after!.keys()].sort()).toEqual([...own!.keys()].sort());
    const changed = [...own!.keys()].filter((name) => `${own!.get(name)}` !== `${after!.get(name)}`);
    const numbers = (names: Iterable<string>) => [...names].reduce((sum, name) => sum + own!.get(name)!.length, 0);
    expect(numbers(changed)).toBeLessThan(numbers(own!.keys()) / 50);
    for (const part of ["out_layers.3.bias", "in_layers.0.weight", "norm1.weight"])
      expect(
        changed.some((name) => name.includes(part)),
        part,
      ).toBe(true);
    const note = async (name: string) => JSON.parse(await readFile(join(root, name, "config.json"), "utf8"));
    expect(await note("talk-finish")).toEqual(await note("talk"));
    const { recipe } = recipeNamed("talk-finish");
    await expect(drain(runRecipe(recipe, options("unstarted", 4, more)))).rejects.toThrow("is trained");
  },
);

test("an unknown recipe or setting is refused by name", () => {
  expect(() => recipeNamed("nonsense")).toThrow(/"nonsense".*first-stage, reenactment/);
  expect(() => recipeNamed("emotion", { colour: "red" })).toThrow(/"colour".*architecture/);
});
