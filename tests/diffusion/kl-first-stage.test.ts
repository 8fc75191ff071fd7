import { graph, input, type Tensor, tensor } from "@prosopon/graph";
import { initialize, scope } from "@prosopon/nn";
import { gaussians } from "@prosopon/random";
import { decode, encode, encodeMoments, vqganConfig, vqganLosses } from "@prosopon/vqgan";
import { expect, test } from "vitest";
import { runGraph } from "../reference/run-graph.ts";

const ddconfig = {
  z_channels: 3,
  resolution: 8,
  ch: 8,
  ch_mult: [1, 1],
  num_res_blocks: 1,
  attn_resolutions: [],
  double_z: true,
};
const config = vqganConfig({ embed_dim: 2, ddconfig });
const options = { discriminator: false, klWeight: 0.5 } as const;

const weights = (): ReadonlyMap<string, Tensor> => {
  const place = scope(graph());
  const of = (name: string, ...shape: number[]) => input(place.graph, name, "float32", shape);
  vqganLosses(place, of("image", 2, 3, 8, 8), config, { ...options, noise: of("noise", 2, 2, 4, 4) });
  return initialize(place.parameters.values(), 3);
};

test("a KL first stage: no codebook, twice the channels, and the divergence of its own moments", async () => {
  const values = weights();
  expect([...values.keys()].some((name) => name.startsWith("quantize"))).toBe(false);
  expect(values.get("quant_conv.weight")!.shape).toEqual([4, 6, 1, 1]);
  expect(values.get("post_quant_conv.weight")!.shape).toEqual([3, 2, 1, 1]);
  const noise = tensor("float32", [2, 2, 4, 4], gaussians(1, "noise", 0, 64));
  const feeds = { image: tensor("float32", [2, 3, 8, 8], gaussians(1, "image", 0, 384)), noise };
  const found = await runGraph(feeds, values, (g, { image, noise: n }) => {
    const place = scope(g);
    const { mean, logVariance } = encodeMoments(place, image!, config);
    const { losses, parts } = vqganLosses(place, image!, config, { ...options, noise: n! });
    return {
      mean,
      logVariance,
      encoded: encode(place, image!, config),
      kl: parts.codebook,
      reconstruction: parts.reconstruction,
      loss: losses.generator,
      picture: decode(place, mean, config),
    };
  });
  const [mean, log] = [found["mean"]!.data as Float32Array, found["logVariance"]!.data as Float32Array];
  const kl = mean.reduce((sum, m, i) => sum + 0.5 * (m * m + Math.exp(log[i]!) - 1 - log[i]!), 0) / mean.length;
  expect(found["kl"]!.data[0]).toBeCloseTo(kl, 5);
  expect(found["loss"]!.data[0]).toBeCloseTo(Number(found["reconstruction"]!.data[0]) + 0.5 * kl, 5);
  expect(found["encoded"]).toEqual(found["mean"]);
  expect(found["picture"]!.shape).toEqual([2, 3, 8, 8]);
});

test("noise is needed, and a codebook where there is no KL", () => {
  const place = scope(graph());
  const image = input(place.graph, "image", "float32", [2, 3, 8, 8]);
  expect(() => vqganLosses(place, image, config, options)).toThrow("needs noise [2,2,4,4]");
  expect(() => vqganConfig({ embed_dim: 2, ddconfig: { ...ddconfig, double_z: false } })).toThrow("n_embed");
});
