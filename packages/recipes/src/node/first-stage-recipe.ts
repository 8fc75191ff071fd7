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
import { decode, encode } from "@prosopon/vqgan";
import { firstStageStep, perceptualPlace } from "../first-stage-step.ts";
import { attentionMaps } from "./attention-maps.ts";
import { firstStagePictures } from "./first-stage-pictures.ts";
import { kMeans } from "./k-means.ts";
import { latentCache } from "./latent-cache.ts";
import type { Pictures } from "./portrait-cache.ts";
import { firstStageFactor, portraitFirstStage } from "./portrait-first-stage.ts";
import type { Recipe } from "./recipe.ts";
import { writeRunData } from "./run-data.ts";
import { startingWeights } from "./starting-weights.ts";

/** Latents of the first pictures, one a row. */
async function latentRows(
  pictures: Pictures,
  weights: ReadonlyMap<string, Tensor>,
  most: number,
): Promise<Float32Array> {
  const { latents } = await latentCache(
    { ...pictures, count: Math.min(most, pictures.count) },
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

/** Places of latents over which the codebook is laid: those of 1500 pictures of 128 pixels. */
const codedPlaces = 1500 * 16 ** 2;

/** Pictures and their reconstructions, in a picture beside the checkpoints. */
async function look(
  held: Pictures,
  weights: ReadonlyMap<string, Tensor>,
  file: string,
): Promise<{ readonly psnr: number }> {
  const side = held.size;
  const looked = Array.from({ length: Math.min(16, held.count) }, (_, i) => i);
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
  const session = await host.load(programOf(g, Object.fromEntries(weights)));
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
  await writeImage(file, sheet(pictures, { columns: 8 }));
  return { psnr };
}

/** Learns to encode and decode portraits, rendered ones or those of `data=`; at the end the codebook is laid over the latents by k-means. */
export const firstStageRecipe: Recipe = {
  name: "first-stage",
  description: "An autoencoder of portraits with a codebook (VQGAN without its discriminator).",
  defaults: { steps: 6000, batch: 8, learningRate: 1e-3 },
  settings: {
    data: { default: "", description: "a folder made by prosopon data prepare, instead of rendered pictures" },
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
    const { folder, batch, steps, learningRate, settings, seed, onProgress } = options;
    const part = settings["train"] as "all" | "decoder";
    if (part === "decoder" && !options.from)
      throw new ProsoponError("bad-input", "A decoder alone needs a first stage to start from.", {
        mend: "Give --from PATH.",
      });
    const perceptual = settings["expert"]
      ? {
          expert: emotionClassifier({ architecture: "residual", classes: emotions.length }),
          weight: Number(settings["expert-weight"]),
        }
      : undefined;
    const weights = new Map(options.from ? await startingWeights(options.from) : []);
    if (perceptual)
      for (const [name, value] of await startingWeights(settings["expert"]!))
        weights.set(`${perceptualPlace}.${name}`, value);
    const learned = await firstStagePictures(options, part === "all" ? portraitFirstStage.n_embed : 0);
    const { pictures, held, landmarks } = learned;
    const side = pictures.size;
    const { ddconfig } = portraitFirstStage;
    await writeRunData(folder, learned, { ...portraitFirstStage, ddconfig: { ...ddconfig, resolution: side } });
    const program = firstStageStep({
      config: portraitFirstStage,
      batch,
      side,
      learningRate,
      steps,
      part,
      ...(perceptual ? { perceptual } : {}),
    });
    const indices = shuffledIndices({ length: pictures.count, batch });
    const place = side / firstStageFactor;
    const latent = [batch, portraitFirstStage.embed_dim, place, place];
    const size = latent.reduce((a, b) => a * b, 1);
    return {
      program,
      columns: ["pixels", "error", "latent"],
      ...(weights.size > 0 ? { weights } : {}),
      data: {
        length: Math.ceil(pictures.count / batch),
        async batch(step, key) {
          const chosen = indices(step, key);
          return {
            image: tensor("float32", [batch, 3, side, side], await pictures.planes(chosen)),
            attention: tensor(
              "float32",
              [batch, 1, side, side],
              landmarks
                ? attentionMaps(
                    Array.from(chosen, (i) => landmarks[i]!),
                    side,
                  )
                : new Float32Array(batch * side * side).fill(1),
            ),
            noise: tensor("float32", latent, gaussians(key, "roughness", step, size)),
          };
        },
      },
      async finish(trained) {
        const weights = new Map([...trained].filter(([name]) => !name.startsWith(`${perceptualPlace}.`)));
        if (part === "decoder") return weights;
        const { n_embed: count, embed_dim: size } = portraitFirstStage;
        const rows = await latentRows(pictures, weights, Math.ceil(codedPlaces / place ** 2));
        const progress = onProgress ? { onProgress: (d: number, t: number) => onProgress("codebook", d, t) } : {};
        const codes = kMeans({ rows, size, count, seed, rounds: 3, ...progress });
        return new Map(weights).set("quantize.embedding.weight", tensor("float32", [count, size], codes));
      },
      ...(held
        ? {
            look: (state, step) =>
              look(held, averagesOf(state), join(folder, `look-${String(step).padStart(6, "0")}.png`)),
          }
        : {}),
      [Symbol.asyncDispose]: () => learned[Symbol.asyncDispose](),
    };
  },
};
