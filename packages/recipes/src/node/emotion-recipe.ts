import { argMax, cast, equal, reduceMean, tensor } from "@prosopon/graph";
import { adamW, cosineDecay, crossEntropy, warmUp } from "@prosopon/nn";
import { type Architecture, emotionClassifier } from "@prosopon/perception";
import { createHost } from "@prosopon/runtime/node";
import { averagesOf, compileStep, shuffledIndices } from "@prosopon/training";
import { augment } from "./augment.ts";
import { portraitCache } from "./portrait-cache.ts";
import type { Recipe } from "./recipe.ts";
import { expertOutputs } from "./expert-outputs.ts";

const side = 128;
const classes = 8;

/** Learns the eight emotions from rendered portraits. */
export const emotionRecipe: Recipe = {
  name: "emotion",
  description: "An emotion classifier of rendered portraits.",
  defaults: { steps: 3000, batch: 32, learningRate: 2e-3 },
  settings: {
    architecture: { default: "residual", description: "plain or residual" },
    pictures: { default: "12000", description: "how many pictures are rendered to learn from" },
  },
  async prepare(options) {
    const { batch, steps, learningRate, settings, seed, onProgress, signal } = options;
    const cancel = signal ? { signal } : {};
    const progress = onProgress ? { onProgress: (d: number, t: number) => onProgress("rendering", d, t) } : {};
    const cache = await portraitCache({ folder: options.cache, seed, split: "train", count: Number(settings["pictures"]), ...progress, ...cancel });
    const held = await portraitCache({ folder: options.cache, seed, split: "validation", count: 960, ...cancel });
    const expert = emotionClassifier({ architecture: settings["architecture"] as Architecture, classes });
    const program = compileStep({
      name: `emotion-${settings["architecture"]}`,
      inputs: { image: { shape: [batch, 3, side, side] }, label: { shape: [batch], dtype: "int64" } },
      build({ scope, inputs }) {
        const logits = expert.features(scope, inputs.image).at(-1)!;
        const hits = equal(argMax(logits, 1), inputs.label);
        return { losses: { error: crossEntropy(logits, inputs.label) }, metrics: { accuracy: reduceMean(cast(hits, "float32")) } };
      },
      losses: {
        error: {
          parameters: () => true,
          optimizer: adamW({ weightDecay: 0.05 }),
          learningRate: warmUp(Math.min(100, steps / 10), cosineDecay({ from: learningRate, to: learningRate / 100, steps })),
          clip: 1,
        },
      },
      average: { decay: 0.998 },
    });
    const indices = shuffledIndices({ length: cache.count, batch });
    return {
      program,
      columns: ["accuracy"],
      data: {
        length: Math.ceil(cache.count / batch),
        async batch(step, key) {
          const chosen = indices(step, key);
          const planes = await cache.planes(chosen);
          augment(planes, side, key, step);
          return {
            image: tensor("float32", [batch, 3, side, side], planes),
            label: tensor("int64", [batch], Array.from(chosen, (i) => cache.labels[i]!.emotion)),
          };
        },
      },
      async look(state) {
        await using host = await createHost({ kind: "in-process" });
        const all = Array.from({ length: held.count }, (_, i) => i);
        const logits = await expertOutputs(host, expert, averagesOf(state), await held.planes(all), side);
        const hit = (n: number) => {
          const row = logits.data.subarray(n * classes, (n + 1) * classes);
          return row.indexOf(Math.max(...row)) === held.labels[n]!.emotion;
        };
        const rate = (some: readonly number[]) => some.filter(hit).length / some.length;
        const at = (intensity: number) => all.filter((n) => held.labels[n]!.intensity === intensity);
        return { accuracy: rate(all), accuracy1: rate(at(1)), accuracy2: rate(at(2)), accuracy3: rate(at(3)) };
      },
      async [Symbol.asyncDispose]() {
        await cache[Symbol.asyncDispose]();
        await held[Symbol.asyncDispose]();
      },
    };
  },
};
