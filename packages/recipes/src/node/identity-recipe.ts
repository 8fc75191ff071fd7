import { argMax, cast, equal, fusedMatMul, mul, reduceMean, tensor } from "@prosopon/graph";
import { crossEntropy } from "@prosopon/nn";
import { identityEmbedder, unitRows } from "@prosopon/perception";
import { expertRecipe } from "./expert-recipe.ts";

const size = 64;
/** Sharpness of the softmax over cosines. */
const scale = 16;

/** Learns who is who among rendered people: a softmax over cosines to one prototype per person (Wang et al. 2017, NormFace). */
export const identityRecipe = expertRecipe({
  name: "identity",
  description: "An identity embedder of rendered portraits.",
  defaults: { steps: 2000, batch: 32, learningRate: 2e-3 },
  settings: {
    people: {
      default: "800",
      description: "how many people they show, the held-out ones included",
      number: { least: 2, whole: true },
    },
  },
  identities: (settings) => Number(settings["people"]),
  held: { count: 400, identities: 400 },
  weightDecay: 0.01,
  shifts: true,
  task(known) {
    const people = new Map([...new Set(known.map((l) => l.identity))].sort((a, b) => a - b).map((id, i) => [id, i]));
    return {
      expert: (architecture) => identityEmbedder({ architecture, size }),
      target: (batch) => ({ shape: [batch], dtype: "int64" }),
      targets: (labels) =>
        tensor(
          "int64",
          [labels.length],
          labels.map((l) => people.get(l.identity)!),
        ),
      loss(scope, found, target) {
        const table = scope.at("prototypes").parameter("weight", [people.size, size], { kind: "normal", std: 1 });
        const logits = mul(fusedMatMul(found, unitRows(table), { transB: true }), scale);
        const hits = cast(equal(argMax(logits, 1), target), "float32");
        return { error: crossEntropy(logits, target), metrics: { accuracy: reduceMean(hits) } };
      },
      metrics: ["accuracy"],
      // Of unseen people with at least two pictures: how often is the nearest other picture the same person?
      judge({ data }, labels) {
        const all = [...labels.keys()];
        const cosine = (a: number, b: number) => {
          let sum = 0;
          for (let d = 0; d < size; d++) sum += data[a * size + d]! * data[b * size + d]!;
          return sum;
        };
        const same = (a: number, b: number) => labels[a]!.identity === labels[b]!.identity;
        const asked = all.filter((n) => all.some((m) => m !== n && same(m, n)));
        const hits = asked.filter((n) => {
          const others = all.filter((m) => m !== n);
          return same(
            n,
            others.reduce((best, m) => (cosine(n, m) > cosine(n, best) ? m : best)),
          );
        });
        return { asked: asked.length, nearestIsSame: hits.length / asked.length };
      },
    };
  },
});
