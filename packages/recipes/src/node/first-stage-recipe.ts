import { join } from "node:path";
import { emotions } from "@prosopon/corpus";
import { ProsoponError } from "@prosopon/errors";
import { graph, input, output, type Tensor, tensor } from "@prosopon/graph";
import { fromPlanar, sheet } from "@prosopon/media";
import { writeImage } from "@prosopon/media/node";
import { scope } from "@prosopon/nn";
import { emotionClassifier } from "@prosopon/perception";
import { gaussians } from "@prosopon/random";
import { programOf } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { averagesOf, shuffledIndices } from "@prosopon/training";
import { decode, encode, type VqganConfig, vqganConfig } from "@prosopon/vqgan";
import { firstStageStep, perceptualPlace } from "../first-stage-step.ts";
import { attentionMaps } from "./attention-maps.ts";
import { kMeans } from "./k-means.ts";
import { latentCache } from "./latent-cache.ts";
import { type PortraitCache, portraitCache } from "./portrait-cache.ts";
import type { Recipe } from "./recipe.ts";
import { writeRunData } from "./run-data.ts";
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

/** Latents of the first pictures of a cache, one a row. */
async function latentRows(
  cache: PortraitCache,
  weights: ReadonlyMap<string, Tensor>,
  pictures: number,
): Promise<Float32Array> {
  const { latents } = await latentCache(
    { ...cache, count: Math.min(pictures, cache.count) },
    portraitFirstStage,
    weights,
    { scaleFactor: 1 },
  );
  const [count, size, ...place] = latents.shape as [number, number, number, number];
  const places = place[0]! * place[1]!;
  const rows = new Float32Array(latents.data.length);
  for (let n = 0; n < count; n++)
    for (let d = 0; d < size; d++)
      for (let p = 0; p < places; p++) rows[(n * places + p) * size + d] = latents.data[(n * size + d) * places + p]!;
  return rows;
}

/** Learns to encode and decode rendered portraits; at the end the codebook is laid over the latents by k-means. */
export const firstStageRecipe: Recipe = {
  name: "first-stage",
  description: "An autoencoder of rendered portraits with a codebook (VQGAN without its discriminator).",
  defaults: { steps: 6000, batch: 8, learningRate: 1e-3 },
  settings: {
    pictures: {
      default: "12000",
      description: "how many pictures are rendered to learn from",
      number: { least: 1, whole: true },
    },
    train: {
      default: "all",
      choices: ["all", "decoder"],
      description: "all of it, or the decoder, which needs --from and leaves latents and codebook as they are",
    },
    expert: {
      default: "",
      description:
        "an emotion classifier (residual) whose view of the pictures counts too: its run's folder or a safetensors file",
    },
    "expert-weight": { default: "0.1", description: "how much it counts", number: { least: 0 } },
  },
  async prepare(options) {
    const { folder, batch, steps, learningRate, settings, seed, onProgress, signal } = options;
    const progress = (what: string) =>
      onProgress ? { onProgress: (d: number, t: number) => onProgress(what, d, t) } : {};
    const cancel = signal ? { signal } : {};
    const part = settings["train"] as "all" | "decoder";
    if (part === "decoder" && !options.from)
      throw new ProsoponError("bad-input", "A decoder alone needs a first stage to start from.", {
        mend: "Give --from PATH.",
      });
    const cache = await portraitCache({
      folder: options.cache,
      seed,
      split: "train",
      count: Number(settings["pictures"]),
      ...progress("rendering"),
      ...cancel,
    });
    const held = await portraitCache({ folder: options.cache, seed, split: "validation", count: 64, ...cancel });
    const sentence = `${cache.count} portraits rendered by @prosopon/corpus from seed ${seed}, people of the training part only.`;
    await writeRunData(folder, { domain: "rendered portraits", alignment: undefined, sentence }, portraitFirstStage);
    const perceptual = settings["expert"]
      ? {
          expert: emotionClassifier({ architecture: "residual", classes: emotions.length }),
          weight: Number(settings["expert-weight"]),
        }
      : undefined;
    const program = firstStageStep({
      config: portraitFirstStage,
      batch,
      side,
      learningRate,
      steps,
      part,
      ...(perceptual ? { perceptual } : {}),
    });
    const weights = new Map(options.from ? await startingWeights(options.from) : []);
    if (perceptual)
      for (const [name, value] of await startingWeights(settings["expert"]!))
        weights.set(`${perceptualPlace}.${name}`, value);
    const indices = shuffledIndices({ length: cache.count, batch });
    const latent = [batch, portraitFirstStage.embed_dim, side / 8, side / 8];
    const size = latent.reduce((a, b) => a * b, 1);
    const looked = Array.from({ length: 16 }, (_, i) => i);
    return {
      program,
      columns: ["pixels", "error", "latent"],
      ...(weights.size > 0 ? { weights } : {}),
      data: {
        length: Math.ceil(cache.count / batch),
        async batch(step, key) {
          const chosen = indices(step, key);
          return {
            image: tensor("float32", [batch, 3, side, side], await cache.planes(chosen)),
            attention: tensor(
              "float32",
              [batch, 1, side, side],
              attentionMaps(
                Array.from(chosen, (i) => cache.labels[i]!.landmarks),
                side,
              ),
            ),
            noise: tensor("float32", latent, gaussians(key, "roughness", step, size)),
          };
        },
      },
      async finish(trained) {
        const weights = new Map([...trained].filter(([name]) => !name.startsWith(`${perceptualPlace}.`)));
        if (part === "decoder") return weights;
        const { n_embed: count, embed_dim: size } = portraitFirstStage;
        const rows = await latentRows(cache, weights, 1500);
        const codes = kMeans({ rows, size, count, seed, rounds: 3, ...progress("codebook") });
        return new Map(weights).set("quantize.embedding.weight", tensor("float32", [count, size], codes));
      },
      async look(state, step) {
        const averages = averagesOf(state);
        await using host = await createHost({ kind: "in-process" });
        const g = graph();
        const top = scope(g);
        const shape = [looked.length, 3, side, side];
        output(
          g,
          "y",
          decode(top, encode(top, input(g, "x", "float32", shape), portraitFirstStage), portraitFirstStage, {
            quantize: false,
          }),
        );
        const session = await host.load(programOf(g, Object.fromEntries(averages)));
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
