import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { linearSchedule } from "@prosopon/core-diffusion";
import { tensor } from "@prosopon/graph";
import { openModelFolder } from "@prosopon/models/node";
import { editPairs, invertedLatents, latentCache, openFirstStage, portraitCache } from "@prosopon/recipes/node";
import { createEditor, finish } from "@prosopon/reenactment";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";

const models = fileURLToPath(new URL("../../models", import.meta.url));
const schedule = linearSchedule();
let cache = "";
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), "prosopon-pairs-"));
});
afterAll(() => rm(cache, { recursive: true }));

test("edits to learn from begin where the editor's inversion ends, and end in the picture that is wanted", async () => {
  const count = 3;
  const firstStage = await openFirstStage(join(models, "first-stage-portraits"));
  const first = await openModelFolder(join(models, "first-stage-portraits"), { kind: "first-stage" });
  const model = await openModelFolder(join(models, "reenactment-portraits"), { kind: "reenactment" });
  const { config } = model.manifest;
  const weights = new Map(
    await Promise.all(model.weights.names.map(async (name) => [name, await model.weights.read(name)] as const)),
  );
  const shared = { folder: cache, seed: 3, split: "train", count } as const;
  await using pictures = await portraitCache(shared);
  await using edited = await portraitCache({ ...shared, edited: true });
  const { scaleFactor } = config;
  const { latents } = await latentCache(pictures, firstStage.config, firstStage.weights, { scaleFactor });
  const wanted = await latentCache(edited, firstStage.config, firstStage.weights, { scaleFactor });
  const emotions = pictures.labels.map((label) => label.emotion);
  const unet = config.unet;
  const pairs = await editPairs({
    folder: join(cache, "run"),
    cache,
    seed: 3,
    firstStage,
    latents,
    scaleFactor,
    emotions,
    unet,
    terminal: "usual",
    weights,
  });
  const [noisy] = await invertedLatents({ latents, emotions, unet, schedule, weights, times: [500] });
  await using host = await createHost({ kind: "in-process" });
  await using editor = await createEditor({
    host,
    firstStage: { config: first.manifest.config, parameters: first.parameters },
    denoiser: { config, parameters: model.parameters },
  });
  const size = latents.data.length / count;
  const far = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    Math.sqrt(Array.from(a, (v, i) => (v - b[i]!) ** 2).reduce((x, y) => x + y, 0) / a.length);
  for (let index = 0; index < count; index++) {
    const row = (all: Float32Array) => all.subarray(index * size, (index + 1) * size);
    const from = config.emotions[emotions[index]!]!;
    const latent = tensor("float32", [1, ...latents.shape.slice(1)], row(latents.data));
    const exact = await finish(editor.invert({ latent, from, guidance: 1, steps: 60 }));
    expect(far(row(noisy!.data), exact.data)).toBeLessThan(0.03);
    // A control: where another emotion's inversion ends.
    const other = config.emotions[(emotions[index]! + 3) % 8]!;
    const elsewhere = await finish(editor.invert({ latent, from: other, guidance: 1, steps: 60 }));
    expect(far(elsewhere.data, exact.data)).toBeGreaterThan(0.06);

    const start = pairs.at(index, 0.5, 0);
    expect(start.time).toBe(500);
    expect(Array.from(start.latent)).toEqual(Array.from(row(wanted.latents.data)));
    expect(start.emotion).toBe(edited.labels[index]!.emotion);
    const alpha = schedule[500]!;
    const mixed = start.latent.map((v, i) => Math.sqrt(alpha) * v + Math.sqrt(1 - alpha) * start.noise[i]!);
    expect(far(mixed, row(noisy!.data))).toBeLessThan(0.02);
    const end = pairs.at(index, 0.5, 1);
    expect([end.time, Array.from(end.noise)]).toEqual([0, Array.from(start.noise)]);
    expect(pairs.at(index, 0.1, 0).time).toBe(300);
    expect(pairs.at(index, 0.9, 0).time).toBe(700);
  }
});
