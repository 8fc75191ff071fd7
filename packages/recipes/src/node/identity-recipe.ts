import { argMax, cast, equal, fusedMatMul, mul, reduceMean, tensor } from "@prosopon/graph";
import { adamW, cosineDecay, crossEntropy, warmUp } from "@prosopon/nn";
import { type Architecture, identityEmbedder, unitRows } from "@prosopon/perception";
import { createHost } from "@prosopon/runtime/node";
import { averagesOf, compileStep, shuffledIndices } from "@prosopon/training";
import { augment } from "./augment.ts";
import { expertOutputs } from "./expert-outputs.ts";
import { portraitCache } from "./portrait-cache.ts";
import type { Recipe } from "./recipe.ts";

const side = 128;
const size = 64;
/** Sharpness of the softmax over cosines. */
const scale = 16;

/** Learns who is who among rendered people: a softmax over cosines to one prototype per person (Wang et al. 2017, NormFace). */
export const identityRecipe: Recipe = {
  name: "identity",
  description: "An identity embedder of rendered portraits.",
  defaults: { steps: 3000, batch: 32, learningRate: 2e-3 },
  settings: {
    architecture: { default: "residual", description: "plain or residual" },
    pictures: { default: "12000", description: "how many pictures are rendered to learn from" },
    people: { default: "800", description: "how many people they show, the held-out ones included" },
  },
  async prepare(options) {
    const { batch, steps, learningRate, settings, seed, onProgress, signal } = options;
    const cancel = signal ? { signal } : {};
    const progress = onProgress ? { onProgress: (d: number, t: number) => onProgress("rendering", d, t) } : {};
    const identities = Number(settings["people"]);
    const cache = await portraitCache({ folder: options.cache, seed, split: "train", identities, count: Number(settings["pictures"]), ...progress, ...cancel });
    const held = await portraitCache({ folder: options.cache, seed, split: "validation", identities: 400, count: 400, ...cancel });
    const people = new Map([...new Set(cache.labels.map((l) => l.identity))].sort((a, b) => a - b).map((id, i) => [id, i]));
    const expert = identityEmbedder({ architecture: settings["architecture"] as Architecture, size });
    const program = compileStep({
      name: `identity-${settings["architecture"]}`,
      inputs: { image: { shape: [batch, 3, side, side] }, label: { shape: [batch], dtype: "int64" } },
      build({ scope, inputs }) {
        const found = expert.features(scope, inputs.image).at(-1)!;
        const prototypes = unitRows(scope.at("prototypes").parameter("weight", [people.size, size], { kind: "normal", std: 1 }));
        const logits = mul(fusedMatMul(found, prototypes, { transB: true }), scale);
        const hits = equal(argMax(logits, 1), inputs.label);
        return { losses: { error: crossEntropy(logits, inputs.label) }, metrics: { accuracy: reduceMean(cast(hits, "float32")) } };
      },
      losses: {
        error: {
          parameters: () => true,
          optimizer: adamW({ weightDecay: 0.01 }),
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
            label: tensor("int64", [batch], Array.from(chosen, (i) => people.get(cache.labels[i]!.identity)!)),
          };
        },
      },
      async look(state) {
        await using host = await createHost({ kind: "in-process" });
        const all = Array.from({ length: held.count }, (_, i) => i);
        const { data } = await expertOutputs(host, expert, averagesOf(state), await held.planes(all), side);
        const cosine = (a: number, b: number) => {
          let sum = 0;
          for (let d = 0; d < size; d++) sum += data[a * size + d]! * data[b * size + d]!;
          return sum;
        };
        // Of unseen people with at least two pictures: how often is the nearest other picture the same person?
        const who = held.labels.map((l) => l.identity);
        const asked = all.filter((n) => all.some((m) => m !== n && who[m] === who[n]));
        const hits = asked.filter((n) => {
          const nearest = all.filter((m) => m !== n).reduce((best, m) => (cosine(n, m) > cosine(n, best) ? m : best), n === 0 ? 1 : 0);
          return who[nearest] === who[n];
        });
        return { asked: asked.length, nearestIsSame: hits.length / asked.length };
      },
      async [Symbol.asyncDispose]() {
        await cache[Symbol.asyncDispose]();
        await held[Symbol.asyncDispose]();
      },
    };
  },
};
