import { createReadStream, createWriteStream, readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { isProsoponError } from "@prosopon/errors";
import { encodeModel, graph, input, output, type Tensor, tensor } from "@prosopon/graph";
import { averageName, declaredParameters } from "@prosopon/models";
import { exportModel, importModel, openModel } from "@prosopon/models/node";
import { initialize, scope } from "@prosopon/nn";
import { gaussians } from "@prosopon/random";
import { createHost } from "@prosopon/runtime/node";
import { decode, encode, vqganConfig } from "@prosopon/vqgan";
import { openStateDict, writeWeights } from "@prosopon/weights/node";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { microRoot, readTensors } from "../reference/fixture.ts";

let root = "";
let folder = "";
let count = 0;
const weights = readTensors(`${microRoot}/ldm-micro.weights.safetensors.gz`).tensors;
const ldm = () => join(root, "ldm.safetensors");
const vqgan = () => join(root, "vqgan.safetensors");
const yaml = () => join(root, "ldm.yaml");

const text = `
model:
  target: ldm.models.diffusion.ddpm.LatentDiffusion
  params:
    linear_start: 0.0015
    linear_end: 0.0205
    timesteps: 1000
    parameterization: eps
    unet_config:
      params: { image_size: 8, in_channels: 3, out_channels: 3, model_channels: 32, attention_resolutions: [2],
        num_res_blocks: 1, channel_mult: [1, 1], num_head_channels: 16, use_spatial_transformer: true, context_dim: 24 }
    first_stage_config:
      params:
        embed_dim: 3
        n_embed: 64
        ddconfig: { double_z: false, z_channels: 3, resolution: 16, in_channels: 3, out_ch: 3, ch: 32, ch_mult: [1, 1],
          num_res_blocks: 1, attn_resolutions: [8], dropout: 0.0 }
`;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "prosopon-import-"));
  for (const [name, file] of [
    ["ldm", ldm()],
    ["vqgan", vqgan()],
  ] as const)
    await pipeline(
      createReadStream(`${microRoot}/${name}-micro.weights.safetensors.gz`),
      createGunzip(),
      createWriteStream(file),
    );
  await writeFile(yaml(), text);
});
beforeEach(() => {
  folder = join(root, `models-${count++}`);
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function tensorsOf(folders: readonly string[], name: string): Promise<ReadonlyMap<string, Tensor>> {
  const { weights: source } = await openModel(folders, name);
  return new Map(await Promise.all(source.names.map(async (key) => [key, await source.read(key)] as const)));
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (thrown) => thrown,
  );
  if (!isProsoponError(error)) throw new Error(`not refused: ${error}`);
  expect(error.message).not.toContain("\n");
  return `${error.code}: ${error.message}`;
}

describe("latent diffusion", () => {
  test("averaged weights by default, live ones on demand; configuration, origin and card", async () => {
    const { models, weights: chosen, unused } = await importModel({ file: ldm(), folder, config: yaml(), name: "m" });
    expect(chosen).toBe("ema");
    expect(models.map(({ name, kind }) => [name, kind])).toEqual([
      ["m-first-stage", "first-stage"],
      ["m", "reenactment"],
    ]);
    const [stage, manifest] = models;
    expect(manifest!.config).toMatchObject({
      unet: { model_channels: 32, num_head_channels: 16, channel_mult: [1, 1], attention_resolutions: [2] },
      schedule: { linear_start: 0.0015, linear_end: 0.0205, timesteps: 1000 },
      parameterization: "epsilon",
      firstStage: "m-first-stage",
      embeddingSize: 24,
      scaleFactor: 1,
    });
    expect(stage!.config).toMatchObject({ n_embed: 64, ddconfig: { resolution: 16, attn_resolutions: [8], ch: 32 } });
    expect(manifest!.origin).toMatchObject({ format: "latent-diffusion", weights: "ema", updates: 3, assumed: [] });
    expect(await readFile(join(folder, "m", "README.md"), "utf8")).toContain(manifest!.files[0]!.sha256);
    expect(unused).toContain("betas");

    const found = await tensorsOf([folder], "m");
    const key = "model.diffusion_model.out.2.weight";
    expect(found.get(key)).toEqual(weights.get(averageName(key)));
    expect(found.get(key)).not.toEqual(weights.get(key));
    await importModel({ file: ldm(), folder, config: yaml(), name: "raw", weights: "raw" });
    const raw = await tensorsOf([folder], "raw");
    for (const [name, value] of raw) expect(value).toEqual(weights.get(name));
    expect(raw.size).toBe(found.size);
    for (const [name, value] of await tensorsOf([folder], "raw-first-stage"))
      expect(value).toEqual(weights.get(`first_stage_model.${name}`));
  });

  test("without its yaml: what the shapes do not tell is assumed and said", async () => {
    const { models } = await importModel({ file: ldm(), folder });
    expect(models.map(({ name }) => name)).toEqual(["ldm-first-stage", "ldm"]);
    expect(models[1]!.config).toMatchObject({ unet: { num_head_channels: 32 } });
    expect(models[1]!.origin!.assumed.join()).toContain("heads");
    expect(models[0]!.config).toMatchObject({ ddconfig: { resolution: 128, attn_resolutions: [64] } });
  });

  test.each([
    ".ckpt",
    ".safetensors",
  ])("import, export to %s, import: the same tensors under the original's names", async (ending) => {
    await importModel({ file: ldm(), folder, config: yaml(), name: "m", weights: "raw" });
    const file = join(root, `again${ending}`);
    const exported = await exportModel({ folders: [folder], name: "m", file });
    expect(exported.models).toEqual(["m", "m-first-stage"]);
    await using source = await openStateDict(file);
    const original = [...weights.keys()].filter((name) => !name.startsWith("optimizer."));
    expect(source.names).toEqual(original);
    for (const name of original) {
      const [value, before] = [await source.read(name), weights.get(name)!];
      expect([name, value.shape, value.dtype]).toEqual([name, before.shape, before.dtype]);
      // Averages are the imported weights again; buffers are computed anew.
      if (name.startsWith("model_ema.diff")) continue;
      if (before.shape.length === 1 && before.shape[0] === 1000)
        (value.data as Float32Array).forEach((v, i) => {
          expect(Math.abs(v - Number(before.data[i]))).toBeLessThanOrEqual(3e-7 * Math.max(1, Math.abs(v)));
        });
      else expect([name, value]).toEqual([name, before]);
    }
    const again = join(root, `again-${ending.slice(1)}`);
    await importModel({ file, folder: again, config: yaml(), name: "m", weights: "raw" });
    for (const name of ["m", "m-first-stage"])
      expect(await tensorsOf([again], name)).toEqual(await tensorsOf([folder], name));
    const averaged = await importModel({ file, folder: again, config: yaml(), name: "e" });
    expect(averaged.models[1]!.origin!.updates).toBe(3);
    expect(await tensorsOf([again], "e")).toEqual(await tensorsOf([folder], "m"));
  });
});

test("a VQGAN: its losses stay behind, and it comes back by the same names", async () => {
  const { models, unused } = await importModel({ file: vqgan(), folder, name: "v" });
  expect(models.map(({ kind }) => kind)).toEqual(["first-stage"]);
  expect(unused.some((name) => name.startsWith("loss.discriminator."))).toBe(true);
  const file = join(root, "v.pt");
  await exportModel({ folders: [folder], name: "v", file });
  await using source = await openStateDict(file);
  const before = readTensors(vqgan()).tensors;
  expect(new Set(source.names)).toEqual(
    new Set([...before.keys()].filter((name) => !name.startsWith("loss.") && !name.startsWith("optimizer."))),
  );
  for (const name of source.names) expect(await source.read(name)).toEqual(before.get(name));
});

test("a KL autoencoder: recognised without a codebook, and back by the same names", async () => {
  const ddconfig = { z_channels: 3, resolution: 16, ch: 32, ch_mult: [1, 2], num_res_blocks: 1, attn_resolutions: [] };
  const config = vqganConfig({ embed_dim: 4, ddconfig: { ...ddconfig, double_z: true } });
  const declared = declaredParameters({ kind: "first-stage", config });
  const values = initialize(declared.values(), 7);
  expect(values.get("quant_conv.weight")!.shape).toEqual([8, 6, 1, 1]);
  const file = join(root, "kl.safetensors");
  // What its training leaves behind.
  await writeWeights(file, new Map([...values, ["loss.logvar", tensor("float32", [1])]]));
  const yaml = join(root, "kl.yaml");
  await writeFile(
    yaml,
    "model:\n  params:\n    embed_dim: 4\n    ddconfig: { double_z: true, z_channels: 3, resolution: 16 }\n",
  );
  const { models, recognised, unused } = await importModel({ file, folder, name: "kl", config: yaml });
  expect(recognised).toBe("taming");
  expect(unused).toEqual(["loss.logvar"]);
  expect(models[0]).toMatchObject({
    kind: "first-stage",
    config: { embed_dim: 4, ddconfig: { double_z: true, z_channels: 3, ch_mult: [1, 2], resolution: 16 } },
  });
  expect(await tensorsOf([folder], "kl")).toEqual(values);
  const again = join(root, "kl.ckpt");
  await exportModel({ folders: [folder], name: "kl", file: again });
  await importModel({ file: again, folder, name: "again", config: yaml });
  expect(await tensorsOf([folder], "again")).toEqual(values);

  // Its four channels are those of a U-Net's latents.
  await using host = await createHost({ kind: "in-process" });
  const image = tensor("float32", [1, 3, 16, 16], gaussians(3, "image", 0, 768));
  const opened = await openModel([folder], "again", { kind: "first-stage" });
  const g = graph();
  const top = scope(g);
  const latent = encode(top, input(g, "image", "float32", [1, 3, 16, 16]), opened.manifest.config);
  output(g, "picture", decode(top, latent, opened.manifest.config));
  output(g, "latent", latent);
  const used = Object.fromEntries([...top.parameters.keys()].map((key) => [key, opened.parameters[key]!]));
  const session = await host.load({ model: encodeModel(g, { parameters: "initializers" }), parameters: used });
  const found = await session.run({ image });
  expect([found["latent"]!.shape, found["picture"]!.shape]).toEqual([
    [1, 4, 8, 8],
    [1, 3, 16, 16],
  ]);
});

describe("refusals name the file and the reason, and leave nothing", () => {
  const write = async (change: (map: Map<string, Tensor>) => void): Promise<string> => {
    const map = new Map(weights);
    change(map);
    const file = join(root, `refused-${count}.safetensors`);
    await writeWeights(file, map);
    return file;
  };
  const key = "model.diffusion_model.out.2.weight";

  test.each<[string, (map: Map<string, Tensor>) => void, string]>([
    [
      "a missing tensor",
      (m) => m.delete("model.diffusion_model.out.0.bias"),
      "It holds no model.diffusion_model.out.0.bias",
    ],
    [
      "an ill-shaped one",
      (m) => m.set("model.diffusion_model.out.0.bias", tensor("float32", [5])),
      "[5], its network wants [32]",
    ],
    [
      "a layer that is not known",
      (m) => m.set("model.diffusion_model.extra.weight", tensor("float32", [5])),
      "belongs to no layer",
    ],
    [
      "no conditions that are known",
      (m) =>
        m.set("cond_stage_model.transformer.weight", tensor("float32", [5])) &&
        m.delete("cond_stage_model.uncond_embedding.weight"),
      "Its condition is unknown",
    ],
    [
      "no first stage",
      (m) => [...m.keys()].filter((k) => k.startsWith("first_stage_model")).map((k) => m.delete(k)),
      "--first-stage",
    ],
    [
      "another schedule",
      (m) => m.set("betas", tensor("float32", [1000], new Float32Array(1000).fill(0.01))),
      "not linear",
    ],
    [
      "infinite weights",
      (m) =>
        m.set(key, tensor("float32", m.get(key)!.shape, new Float32Array(m.get(key)!.data.length).fill(Number.NaN))),
      "holds NaN",
    ],
    ["whole numbers", (m) => m.set(key, tensor("int32", m.get(key)!.shape)), "holds int32"],
  ])("%s", async (_, change, reason) => {
    const file = await write(change);
    const message = await refusal(importModel({ file, folder, config: yaml(), name: "m", weights: "raw" }));
    expect(message).toContain("bad-file");
    expect(message).toContain(reason);
    expect(message).toContain(file);
    expect((await readdir(folder).catch(() => [])).filter((name) => name === "m" || name.startsWith("."))).toEqual([]);
  });

  test("averages that are not there, a yaml that contradicts, something else altogether", async () => {
    const bare = await write((m) => [...m.keys()].filter((k) => k.startsWith("model_ema")).map((k) => m.delete(k)));
    expect(await refusal(importModel({ file: bare, folder, weights: "ema" }))).toContain("--raw");
    expect((await importModel({ file: bare, folder, config: yaml() })).weights).toBe("raw");
    const other = join(root, "other.yaml");
    await writeFile(other, text.replace("model_channels: 32", "model_channels: 64"));
    expect(await refusal(importModel({ file: ldm(), folder, config: other }))).toContain(
      "model_channels: 64, the weights 32",
    );
    await writeFile(other, text.replace("0.0205", "0.02"));
    expect(await refusal(importModel({ file: ldm(), folder, config: other }))).toContain("schedule from");
    await writeFile(other, "model: [");
    expect(await refusal(importModel({ file: ldm(), folder, config: other }))).toContain("is no yaml");
    expect(await refusal(importModel({ file: ldm(), folder, config: join(root, "absent.yaml") }))).toContain(
      "not-found",
    );
    const strange = join(root, "strange.safetensors");
    await writeWeights(strange, new Map([["bert.weight", tensor("float32", [2])]]));
    expect(await refusal(importModel({ file: strange, folder }))).toContain("none of the models that can be imported");
  });

  test("an ending or a kind that cannot be exported", async () => {
    await importModel({ file: ldm(), folder, config: yaml(), name: "m" });
    expect(await refusal(exportModel({ folders: [folder], name: "m", file: join(root, "m.bin") }))).toContain(
      ".safetensors",
    );
    expect(await refusal(exportModel({ folders: [folder], name: "x", file: join(root, "m.pt") }))).toContain(
      "not-found",
    );
  });
});

test("the fixtures are those of the repository", () => {
  expect(readFileSync(`${microRoot}/configs.json`, "utf8")).toContain("ldm-micro");
});
