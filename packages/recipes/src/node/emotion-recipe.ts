import { argMax, cast, equal, reduceMean, tensor } from "@prosopon/graph";
import { crossEntropy } from "@prosopon/nn";
import { emotionClassifier } from "@prosopon/perception";
import { expertRecipe } from "./expert-recipe.ts";

const classes = 8;

/** Learns the eight emotions from rendered portraits. */
export const emotionRecipe = expertRecipe({
  name: "emotion",
  description: "An emotion classifier of rendered portraits.",
  defaults: { steps: 2000, batch: 32, learningRate: 2e-3 },
  held: { count: 960, identities: 20_000 },
  weightDecay: 0.05,
  shifts: true,
  task: () => ({
    expert: (architecture) => emotionClassifier({ architecture, classes }),
    target: (batch) => ({ shape: [batch], dtype: "int64" }),
    targets: (labels) =>
      tensor(
        "int64",
        [labels.length],
        labels.map((l) => l.emotion),
      ),
    loss: (_, logits, target) => ({
      error: crossEntropy(logits, target),
      metrics: { accuracy: reduceMean(cast(equal(argMax(logits, 1), target), "float32")) },
    }),
    metrics: ["accuracy"],
    judge({ data }, labels) {
      const hit = (n: number) => {
        const row = data.subarray(n * classes, (n + 1) * classes);
        return row.indexOf(Math.max(...row)) === labels[n]!.emotion;
      };
      const all = [...labels.keys()];
      const rate = (some: readonly number[]) => some.filter(hit).length / some.length;
      const at = (intensity: number) => rate(all.filter((n) => labels[n]!.intensity === intensity));
      return { accuracy: rate(all), accuracy1: at(1), accuracy2: at(2), accuracy3: at(3) };
    },
  }),
});
