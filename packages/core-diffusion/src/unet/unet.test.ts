import { graph, input, sizeOf } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { expect, test } from "vitest";
import { unet } from "./unet.ts";
import { type UnetConfigInput, unetConfig } from "./unet-config.ts";

const thesis: UnetConfigInput = {
  image_size: 32,
  in_channels: 3,
  out_channels: 3,
  model_channels: 160,
  attention_resolutions: [4, 2, 1],
  num_res_blocks: 2,
  channel_mult: [1, 2, 4],
  num_head_channels: 32,
  context_dim: 512,
};

function build(given: UnetConfigInput, { side = 32, tokens = 1, width = given.context_dim } = {}) {
  const config = unetConfig(given);
  const g = graph();
  const place = scope(g, "model.diffusion_model");
  const x = input(g, "x", "float32", [2, config.in_channels, side, side]);
  const t = input(g, "t", "float32", [2]);
  const context = width ? input(g, "context", "float32", [2, tokens, width]) : undefined;
  const value = unet(place, { x, t, context }, config);
  const specifications = [...place.parameters.values()];
  return {
    g,
    value,
    names: specifications.map(({ name }) => name),
    count: specifications.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
  };
}

test.each([
  ["reenactment", {}, 156_760_483],
  ["talking face", { in_channels: 9, context_dim: 1024 }, 163_158_883],
])("the thesis' %s U-Net has its tensors and parameters", (_, change, count) => {
  const made = build({ ...thesis, ...change });
  expect(made.value.shape).toEqual([2, 3, 32, 32]);
  expect(made.names).toHaveLength(626);
  expect(made.count).toBe(count);
});

test("the one-token shortcut leaves out work, not tensors", () => {
  const [one, five] = [build(thesis), build(thesis, { tokens: 5 })];
  expect(one.names).toEqual(five.names);
  expect(one.g.nodes.length).toBeLessThan(five.g.nodes.length);
});

test("small configurations: no attention, no context, one level, several heads", () => {
  const bare = build({
    in_channels: 4,
    out_channels: 4,
    model_channels: 24,
    attention_resolutions: [],
    middleAttention: false,
    num_res_blocks: 1,
    channel_mult: [1, 2, 2, 3],
    num_heads: 1,
  });
  expect(bare.value.shape).toEqual([2, 4, 32, 32]);
  expect(bare.names.some((name) => name.includes("attn"))).toBe(false);
  const flat = build({ ...thesis, model_channels: 32, channel_mult: [1], num_head_channels: undefined, num_heads: 4 });
  expect(flat.value.shape).toEqual([2, 3, 32, 32]);
  const alone = build({ ...thesis, model_channels: 32, context_dim: null });
  expect(alone.names.some((name) => name.includes("attn2") || name.includes("norm2"))).toBe(false);
});

test("what does not fit says what would", () => {
  expect(() => build(thesis, { side: 30 })).toThrow("does not halve 2 times");
  expect(() => build(thesis, { width: 256 })).toThrow("must be [B, tokens, 512]");
  expect(() => build(thesis, { width: 0 })).toThrow("needs a context");
  expect(() => unetConfig({ ...thesis, chanel_mult: [1] })).toThrow("chanel_mult");
  expect(() => unetConfig({ ...thesis, num_heads: 8 })).toThrow("exactly one of");
});
