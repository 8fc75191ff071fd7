import { join } from "node:path";
import { encodeModel, graph, input, output, type Tensor, tensor } from "@prosopon/graph";
import { fromPlanar, sheet } from "@prosopon/media";
import { writeImage } from "@prosopon/media/node";
import { scope } from "@prosopon/nn";
import { gaussians, permutation } from "@prosopon/random";
import { createHost } from "@prosopon/runtime/node";
import { averagesOf, shuffledIndices } from "@prosopon/training";
import { decode, encode, type VqganConfig, vqganConfig } from "@prosopon/vqgan";
import { firstStageStep } from "../first-stage-step.ts";
import { attentionMaps } from "./attention-maps.ts";
import { type PortraitCache, portraitCache } from "./portrait-cache.ts";
import type { Recipe, RecipeOptions } from "./recipe.ts";
import { startingWeights } from "./starting-weights.ts";

/** The default first stage: f8, four numbers a place, 8192 codes, small enough to decode live on two cores. */
export const portraitFirstStage: VqganConfig = vqganConfig({
  embed_dim: 4,
  n_embed: 8192,
  ddconfig: {
    z_channels: 4,
    resolution: 128,
    ch: 16,
    ch_mult: [1, 2, 4, 4],
    num_res_blocks: 1,
    attn_resolutions: [],
    middleAttention: false,
    groups: 8,
  },
});

const side = 128;

/** Encoder outputs at random places of training pictures: a codebook that is used from the first step on. */
async function codesFromData(cache: PortraitCache, weights: ReadonlyMap<string, Tensor>, { seed }: RecipeOptions): Promise<Tensor> {
  const { n_embed: count, embed_dim: size } = portraitFirstStage;
  const batch = 16;
  const places = (side / 8) ** 2;
  await using host = await createHost({ kind: "in-process" });
  const g = graph();
  const top = scope(g);
  output(g, "h", encode(top, input(g, "image", "float32", [batch, 3, side, side]), portraitFirstStage));
  const parameters = Object.fromEntries([...top.parameters.keys()].map((name) => [name, weights.get(name)!]));
  const session = await host.load({ model: encodeModel(g, { parameters: "initializers" }), parameters });
  const codes = new Float32Array(count * size);
  const perPicture = 16;
  for (let found = 0; found < count; ) {
    const first = found / perPicture;
    const indices = Array.from({ length: batch }, (_, i) => (first + i) % cache.count);
    const { h } = await session.run({ image: tensor("float32", [batch, 3, side, side], await cache.planes(indices)) });
    for (let n = 0; n < batch && found < count; n++)
      for (const place of permutation(seed, "codebook", places, first + n).subarray(0, perPicture)) {
        for (let d = 0; d < size; d++) codes[found * size + d] = Number(h!.data[(n * size + d) * places + place]);
        found++;
      }
  }
  return tensor("float32", [count, size], codes);
}

/** Learns to encode and decode rendered portraits: first `phase=continuous`, then `phase=quantized --from` the first run. */
export const firstStageRecipe: Recipe = {
  name: "first-stage",
  description: "An autoencoder of rendered portraits with a codebook (VQGAN without its discriminator).",
  defaults: { steps: 6000, batch: 8, learningRate: 1e-3 },
  settings: {
    phase: { default: "continuous", description: "continuous (no codebook yet) or quantized (needs --from)" },
    pictures: { default: "12000", description: "how many pictures are rendered to learn from" },
  },
  async prepare(options) {
    const { folder, batch, steps, learningRate, settings, seed, onProgress, signal } = options;
    const quantized = settings["phase"] === "quantized";
    const progress = (what: string) => (onProgress ? { onProgress: (d: number, t: number) => onProgress(what, d, t) } : {});
    const cancel = signal ? { signal } : {};
    const cache = await portraitCache({ folder: options.cache, seed, split: "train", count: Number(settings["pictures"]), ...progress("rendering"), ...cancel });
    const held = await portraitCache({ folder: options.cache, seed, split: "validation", count: 64, ...cancel });
    const program = firstStageStep({ config: portraitFirstStage, batch, side, quantized, learningRate, steps });
    const weights = options.from ? await startingWeights(options.from) : undefined;
    if (quantized && weights) weights.set("quantize.embedding.weight", await codesFromData(cache, weights, options));
    const indices = shuffledIndices({ length: cache.count, batch });
    const latent = [batch, portraitFirstStage.embed_dim, side / 8, side / 8];
    const size = latent.reduce((a, b) => a * b, 1);
    const looked = Array.from({ length: 16 }, (_, i) => i);
    return {
      program,
      columns: ["pixels", "error", "latent"],
      ...(weights ? { weights } : {}),
      data: {
        length: Math.ceil(cache.count / batch),
        async batch(step, key) {
          const chosen = indices(step, key);
          return {
            image: tensor("float32", [batch, 3, side, side], await cache.planes(chosen)),
            attention: tensor("float32", [batch, 1, side, side], attentionMaps(Array.from(chosen, (i) => cache.labels[i]!.landmarks), side)),
            noise: tensor("float32", latent, gaussians(key, "roughness", step, size)),
          };
        },
      },
      async look(state, step) {
        const averages = averagesOf(state);
        await using host = await createHost({ kind: "in-process" });
        const g = graph();
        const top = scope(g);
        const shape = [looked.length, 3, side, side];
        output(g, "y", decode(top, encode(top, input(g, "x", "float32", shape), portraitFirstStage), portraitFirstStage, { quantize: quantized }));
        const parameters = Object.fromEntries([...top.parameters.keys()].map((name) => [name, averages.get(name)!]));
        const session = await host.load({ model: encodeModel(g, { parameters: "initializers" }), parameters });
        const x = await held.planes(looked);
        const { y } = await session.run({ x: tensor("float32", shape, x) });
        const seen = y!.data as Float32Array;
        const stride = 3 * side * side;
        let psnr = 0;
        const pictures = looked.flatMap((n) => {
          const [a, b] = [x.subarray(n * stride, (n + 1) * stride), seen.subarray(n * stride, (n + 1) * stride)];
          let error = 0;
          for (let i = 0; i < stride; i++) error += ((Math.max(-1, Math.min(1, b[i]!)) - a[i]!) / 2) ** 2;
          psnr += (10 * Math.log10(stride / error)) / looked.length;
          return [fromPlanar(a, side, side), fromPlanar(b, side, side)];
        });
        await writeImage(join(folder, `look-${String(step).padStart(6, "0")}.png`), sheet(pictures, { columns: 8 }));
        return { psnr };
      },
      async [Symbol.asyncDispose]() {
        await cache[Symbol.asyncDispose]();
        await held[Symbol.asyncDispose]();
      },
    };
  },
};
