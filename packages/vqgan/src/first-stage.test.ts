import { graph, input, sizeOf } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { expect, test } from "vitest";
import { discriminator } from "./discriminator.ts";
import { declareFirstStage, decode, encode } from "./first-stage.ts";
import { type VqganConfigInput, vqganConfig } from "./vqgan-config.ts";

const thesis: VqganConfigInput = {
  embed_dim: 3,
  n_embed: 16384,
  ddconfig: { z_channels: 3, resolution: 128, ch: 128, ch_mult: [1, 2, 4], num_res_blocks: 2, attn_resolutions: [32] },
};

function declared(given: VqganConfigInput) {
  const place = scope(graph(), "first_stage_model");
  declareFirstStage(place, vqganConfig(given));
  return [...place.parameters.values()];
}

test("the thesis' first stage has its tensors and parameters", () => {
  const all = declared(thesis);
  const of = (part: string) => all.filter(({ name }) => name.startsWith(`first_stage_model.${part}.`));
  const count = (list: typeof all) => list.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  expect(all).toHaveLength(255);
  expect(count(all)).toBe(60_605_598);
  expect([of("encoder").length, count(of("encoder"))]).toEqual([108, 24_440_707]);
  expect([of("decoder").length, count(of("decoder"))]).toEqual([142, 36_115_715]);
});

test("the discriminator has the original's shape", () => {
  const g = graph();
  const place = scope(g, "loss.discriminator");
  const logits = discriminator(place, input(g, "image", "float32", [1, 3, 128, 128]));
  expect(logits.shape).toEqual([1, 1, 14, 14]);
  const trained = [...place.parameters.values()].filter(({ name }) => !/running|tracked/.test(name));
  expect(trained.reduce((sum, { shape }) => sum + sizeOf(shape), 0)).toBe(2_765_633);
});

test("a small stage of f = 8: narrow decoder, one block, no attention; both ways on another size", () => {
  const config = vqganConfig({
    embed_dim: 4,
    n_embed: 512,
    ddconfig: {
      z_channels: 4,
      resolution: 128,
      ch: 24,
      ch_mult: [1, 2, 2, 4],
      num_res_blocks: 1,
      attn_resolutions: [],
      decoderChannels: 16,
      middleAttention: false,
    },
  });
  const g = graph();
  const place = scope(g);
  const latent = encode(place, input(g, "image", "float32", [2, 3, 64, 96]), config);
  expect(latent.shape).toEqual([2, 4, 8, 12]);
  const image = decode(place, latent, config);
  expect(image.shape).toEqual([2, 3, 64, 96]);
  const names = [...place.parameters.keys()];
  expect(names.some((name) => name.includes("attn"))).toBe(false);
  expect(place.parameters.get("decoder.conv_out.weight")!.shape).toEqual([3, 16, 3, 3]);
  expect(decode(place, latent, config, { quantize: false })).not.toBe(image);
});

test("parameters are declared in stored order, whatever is built first", () => {
  const config = vqganConfig({ ...thesis, n_embed: 16, ddconfig: { ...thesis.ddconfig, ch: 32 } });
  const g = graph();
  const place = scope(g);
  declareFirstStage(place, config);
  decode(place, input(g, "z", "float32", [1, 3, 4, 4]), config);
  const names = [...place.parameters.keys()];
  const at = (name: string) => names.findIndex((other) => other.startsWith(name));
  const places = [
    "encoder.down.2.block.1",
    "encoder.down.2.attn.0",
    "decoder.up.0",
    "decoder.up.2",
    "decoder.norm_out",
    "quantize",
    "quant_conv",
    "post_quant_conv",
  ];
  expect(places.map(at)).toEqual([...places.map(at)].sort((a, b) => a - b));
});

test("what does not fit says what would", () => {
  const g = graph();
  const config = vqganConfig(thesis);
  expect(() => encode(scope(g), input(g, "odd", "float32", [1, 3, 30, 32]), config)).toThrow("multiples of 4");
  expect(() => vqganConfig({ ...thesis, ddconfig: { ...thesis.ddconfig, dropout: 0.1 } })).toThrow("dropout");
});
