import { graph, input, reduceMean, square, sub } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { expect, test } from "vitest";
import { vqganConfig } from "./vqgan-config.ts";
import { type VqganLossOptions, vqganLosses } from "./vqgan-losses.ts";

const config = vqganConfig({
  embed_dim: 3,
  n_embed: 16,
  ddconfig: { z_channels: 3, resolution: 16, ch: 16, ch_mult: [1, 1], num_res_blocks: 1, attn_resolutions: [] },
});

function build(options: VqganLossOptions = {}) {
  const g = graph();
  const place = scope(g);
  const made = vqganLosses(place, input(g, "image", "float32", [2, 3, 16, 16]), config, options);
  return { ...made, g, names: [...place.parameters.keys()] };
}

const small = { discriminator: { channels: 4, layers: 1 } };

test("two losses train disjoint parameters; buffers belong to neither and are updated", () => {
  const { losses, parameters, names, updates } = build(small);
  expect(losses.generator.shape).toEqual([]);
  expect(losses.discriminator!.shape).toEqual([]);
  const [ours, theirs] = [names.filter(parameters.generator), names.filter(parameters.discriminator)];
  expect(ours.every((name) => /^(encoder|decoder|quantize|quant_conv|post_quant_conv)\./.test(name))).toBe(true);
  expect(theirs.every((name) => name.startsWith("loss.discriminator.main."))).toBe(true);
  expect(names.filter((name) => !ours.includes(name) && !theirs.includes(name)).sort()).toEqual(
    [...updates.keys()].sort(),
  );
  expect(updates.size).toBe(3);
});

test("without an adversary nothing of it is declared", () => {
  const { losses, names, updates } = build({ discriminator: false });
  expect(losses.discriminator).toBeUndefined();
  expect(names.some((name) => name.startsWith("loss."))).toBe(false);
  expect(updates.size).toBe(0);
});

test("any differentiable distance may judge the pictures", () => {
  const seen: (readonly number[])[] = [];
  const { parts } = build({
    ...small,
    perceptual: (image, reconstruction) => {
      seen.push(image.shape, reconstruction.shape);
      return reduceMean(square(sub(image, reconstruction)), { axes: [1, 2, 3] });
    },
  });
  expect(seen).toEqual([
    [2, 3, 16, 16],
    [2, 3, 16, 16],
  ]);
  expect(parts.negativeLogLikelihood).not.toBe(parts.reconstruction);
  expect(build(small).parts.negativeLogLikelihood.name).toBe(build(small).parts.reconstruction.name);
});
