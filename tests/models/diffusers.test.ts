import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unet } from "@prosopon/core-diffusion";
import { type Tensor, tensor } from "@prosopon/graph";
import { exportModel, importModel, openModel } from "@prosopon/models/node";
import { scope } from "@prosopon/nn";
import { decode, encode } from "@prosopon/vqgan";
import { openStateDict, writeWeights } from "@prosopon/weights/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectClose, microRoot } from "../reference/fixture.ts";
import { generated, generatedWeight } from "../reference/generator.ts";
import { runGraph } from "../reference/run-graph.ts";

/** Recorded with diffusers 0.42.1 by tests/fixtures/diffusers/make.py. */
const expected = JSON.parse(readFileSync(`${microRoot}/diffusers/expected.json`, "utf8")) as {
  readonly config: Readonly<Record<string, unknown>>;
  readonly names: Readonly<Record<"unet" | "vq", readonly (readonly [string, number[]])[]>>;
  readonly output: readonly number[];
  readonly latent: readonly number[];
  readonly picture: readonly number[];
};
let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "prosopon-diffusers-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const weightsOf = (which: "unet" | "vq") =>
  new Map(expected.names[which].map(([name, shape]) => [name, generatedWeight(name, shape)]));

async function imported(which: "unet" | "vq", config?: string) {
  const file = join(root, `${which}.safetensors`);
  await writeWeights(file, weightsOf(which));
  await importModel({ file, folder: root, name: which, config });
  return openModel([root], which);
}

async function tensorsOf(
  { names, read }: { names: readonly string[]; read(name: string): Promise<Tensor> },
  strip = "",
) {
  const entries = names.map(async (name) => [name.slice(strip.length), await read(name)] as const);
  return new Map(await Promise.all(entries));
}

test("UNet2DConditionModel: imported by its names, it predicts what diffusers does", async () => {
  const config = join(root, "config.json");
  await writeFile(config, JSON.stringify(expected.config["unet"]));
  const model = await imported("unet", config);
  if (model.manifest.kind !== "denoiser") throw new Error(model.manifest.kind);
  const body = model.manifest.config.unet;
  expect(body).toMatchObject({
    model_channels: 32,
    channel_mult: [1, 1, 2],
    attention_resolutions: [2, 4],
    num_heads: 4,
  });
  const root12 = Math.sqrt(12);
  const feeds = {
    x: generated("x", [2, 3, 8, 8], root12),
    t: tensor("int64", [2], [1, 500]),
    context: generated("context", [2, 2, 24], root12),
  };
  const weights = await tensorsOf(model.weights, "model.diffusion_model.");
  const { result } = await runGraph(feeds, weights, (g, { x, t, context }) => ({
    result: unet(scope(g), { x: x!, t: t!, context }, body),
  }));
  expectClose("diffusers U-Net", result!, expected.output, 1e-4 * Math.max(...expected.output.map(Math.abs)));
});

test("VQModel: imported by its names, it encodes and decodes as diffusers does", async () => {
  const model = await imported("vq");
  if (model.manifest.kind !== "first-stage") throw new Error(model.manifest.kind);
  const { config } = model.manifest;
  const weights = await tensorsOf(model.weights);
  const { latent, picture } = await runGraph(
    { image: generated("image", [1, 3, 16, 16], 2) },
    weights,
    (g, { image }) => {
      const z = encode(scope(g), image!, config);
      return { latent: z, picture: decode(scope(g), z, config, { quantize: false }) };
    },
  );
  expectClose("diffusers latent", latent!, expected.latent, 1e-4);
  expectClose("diffusers picture", picture!, expected.picture, 1e-4);
});

test.each(["unet", "vq"] as const)("%s: exported, it has diffusers' names, shapes and values again", async (which) => {
  await imported(which);
  const file = join(root, `${which}-again.safetensors`);
  await exportModel({ folders: [root], name: which, file, names: "diffusers" });
  await using source = await openStateDict(file);
  const before = weightsOf(which);
  expect(new Set(source.names)).toEqual(new Set(before.keys()));
  for (const [name, value] of before) expect([name, await source.read(name)]).toEqual([name, value]);
});
