import { readFileSync } from "node:fs";
import { conditions, emotion } from "@prosopon/conditioning";
import { unet, unetConfig } from "@prosopon/core-diffusion";
import { graph, input } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { declareFirstStage, vqganConfig } from "@prosopon/vqgan";
import { describe, expect, test } from "vitest";
import { fullRoot, haveFull } from "./fixture.ts";

const json = (file: string) => JSON.parse(readFileSync(`${fullRoot}/names/${file}.json`, "utf8"));

describe.skipIf(!haveFull())("names, shapes and order of the original's tensors", () => {
  test.each([
    ["affectnet-ldm", 3, 512, "cond_stage_model", 8, 512, "table"],
    ["mead-ldm", 9, 1024, "cond_stage_model_1", 8, 256, "row"],
  ] as const)("%s", (name, channels, width, place, count, size, absence) => {
    const g = graph();
    const body = scope(g, "model.diffusion_model");
    const config = unetConfig({
      in_channels: channels,
      out_channels: 3,
      model_channels: 160,
      attention_resolutions: [4, 2, 1],
      num_res_blocks: 2,
      channel_mult: [1, 2, 4],
      num_head_channels: 32,
      context_dim: width,
    });
    const x = input(g, "x", "float32", [1, channels, 32, 32]);
    const context = input(g, "context", "float32", [1, 1, width]);
    unet(body, { x, t: input(g, "t", "float32", [1]), context }, config);
    const first = scope(g, "first_stage_model");
    const ddconfig = {
      z_channels: 3,
      resolution: 128,
      ch: 128,
      ch_mult: [1, 2, 4],
      num_res_blocks: 2,
      attn_resolutions: [32],
    };
    declareFirstStage(first, vqganConfig({ embed_dim: 3, n_embed: 16384, ddconfig }));
    const top = scope(g);
    const face = conditions({ emotion: emotion({ count, size, null: absence }) }, { places: { emotion: place } });
    face.encode(top, { batch: 1 });

    const ours = [body, first, top].flatMap((s) => [...s.parameters.values()].map((p) => [p.name, p.shape, p.dtype]));
    const stored: [string, number[], string][] = json(`${name}.state_dict`);
    const ofPlaces = (prefix: string) => stored.filter(([key]) => key.startsWith(`${prefix}.`));
    const theirs = ["model.diffusion_model", "first_stage_model", place].flatMap(ofPlaces);
    expect(theirs.length).toBeGreaterThan(880);
    expect(ours).toEqual(theirs);

    const trained = [...body.parameters.keys(), ...top.parameters.keys()];
    const order: string[] = json(`${name}.optimizer-order`);
    expect(order.slice(0, trained.length)).toEqual(trained);
  });
});
