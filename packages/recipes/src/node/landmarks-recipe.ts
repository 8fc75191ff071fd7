import { abs, constant, mul, reduceMean, sub, tensor } from "@prosopon/graph";
import { portraitLandmarks } from "@prosopon/perception";
import { expertRecipe } from "./expert-recipe.ts";

/** The inner edge of the lips, landmarks 60 to 67, tells open mouths from shut ones. */
const emphasis = Float32Array.from({ length: 136 }, (_, i) => (i >= 120 ? 4 : 1));

/** Learns the 68 landmarks of rendered portraits. */
export const landmarksRecipe = expertRecipe({
  name: "landmarks",
  description: "A landmark regressor of rendered portraits.",
  defaults: { steps: 2000, batch: 32, learningRate: 2e-3 },
  held: { count: 480, identities: 20_000 },
  // A judge of speech must know mouths.
  speaking: 0.6,
  weightDecay: 0.01,
  shifts: false,
  task: () => ({
    expert: (architecture) => portraitLandmarks({ architecture }),
    target: (batch) => ({ shape: [batch, 136] }),
    targets: (labels) =>
      tensor(
        "float32",
        [labels.length, 136],
        labels.flatMap((l) => l.landmarks),
      ),
    loss: ({ graph }, found, target) => ({
      error: reduceMean(mul(abs(sub(found, target)), constant(graph, tensor("float32", [1, 136], emphasis)))),
      metrics: {},
    }),
    metrics: [],
    judge({ data }, labels) {
      let error = 0;
      labels.forEach(({ landmarks }, n) => {
        const eye = (first: number) =>
          [0, 1].map((k) => (landmarks[2 * first + k]! + landmarks[2 * (first + 3) + k]!) / 2);
        const [left, right] = [eye(36), eye(42)];
        const between = Math.hypot(left[0]! - right[0]!, left[1]! - right[1]!);
        for (let i = 0; i < 68; i++)
          error +=
            Math.hypot(data[n * 136 + 2 * i]! - landmarks[2 * i]!, data[n * 136 + 2 * i + 1]! - landmarks[2 * i + 1]!) /
            between /
            68 /
            labels.length;
      });
      return { interocularError: error };
    },
  }),
});
