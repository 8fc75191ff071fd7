import { type Tensor, tensor, type Value } from "@prosopon/graph";
import { adamW, cosineDecay, type Expert, type Scope, warmUp } from "@prosopon/nn";
import { type Architecture, architectures, createExpertRunner } from "@prosopon/perception";
import { createHost } from "@prosopon/runtime/node";
import { averagesOf, compileStep, type InputSpecification, shuffledIndices } from "@prosopon/training";
import { augment } from "./augment.ts";
import { portraitCache } from "./portrait-cache.ts";
import type { PortraitLabel } from "./portrait-worker.ts";
import type { Recipe } from "./recipe.ts";
import { startingWeights } from "./starting-weights.ts";

const side = 128;

export interface ExpertRecipeOptions {
  readonly name: string;
  readonly description: string;
  readonly defaults: Recipe["defaults"];
  readonly settings?: Recipe["settings"];
  /** People of the pictures to learn from, the held-out ones included, by the settings; default 20000. */
  readonly identities?: (settings: Readonly<Record<string, string>>) => number;
  /** Pictures held out, and how many people they show. */
  readonly held: { readonly count: number; readonly identities: number };
  /** Share of pictures that are caught while speaking; default 0.2. */
  readonly speaking?: number;
  readonly weightDecay: number;
  /** Sideways shifts of the pictures are fine (they are not where the labels are places). */
  readonly shifts: boolean;
  /** Prepares for the labels that it will learn from. */
  task(labels: readonly PortraitLabel[]): {
    expert(architecture: Architecture): Expert;
    readonly target: (batch: number) => InputSpecification;
    targets(labels: readonly PortraitLabel[]): Tensor;
    /** The loss of the expert's output, and what tells more than the loss. */
    loss(
      scope: Scope,
      output: Value,
      target: Value,
    ): { readonly error: Value; readonly metrics: Readonly<Record<string, Value>> };
    readonly metrics: readonly string[];
    /** Scores of outputs [N, D] on held-out pictures. */
    judge(outputs: Tensor<"float32">, labels: readonly PortraitLabel[]): Readonly<Record<string, number>>;
  };
}

/** A run that teaches a small network to see something in rendered portraits. */
export const expertRecipe = (what: ExpertRecipeOptions): Recipe => ({
  name: what.name,
  description: what.description,
  defaults: what.defaults,
  settings: {
    architecture: { default: "residual", description: architectures.join(", "), choices: architectures },
    pictures: {
      default: "12000",
      description: "how many pictures are rendered to learn from",
      number: { least: 1, whole: true },
    },
    ...what.settings,
  },
  async prepare(options) {
    const { batch, steps, learningRate, settings, seed, onProgress, signal } = options;
    const common = {
      folder: options.cache,
      seed,
      ...(what.speaking === undefined ? {} : { speaking: what.speaking }),
      ...(onProgress ? { onProgress: (done: number, total: number) => onProgress("rendering", done, total) } : {}),
      ...(signal ? { signal } : {}),
    };
    const identities = what.identities?.(settings) ?? 20_000;
    const cache = await portraitCache({ ...common, split: "train", count: Number(settings["pictures"]), identities });
    const held = await portraitCache({ ...common, split: "validation", ...what.held });
    const task = what.task(cache.labels);
    const expert = task.expert(settings["architecture"] as Architecture);
    const program = compileStep({
      name: expert.name,
      inputs: { image: { shape: [batch, 3, side, side] }, target: task.target(batch) },
      build({ scope, inputs }) {
        const { error, metrics } = task.loss(scope, expert.features(scope, inputs.image).at(-1)!, inputs.target);
        return { losses: { error }, metrics };
      },
      losses: {
        error: {
          parameters: () => true,
          optimizer: adamW({ weightDecay: what.weightDecay }),
          learningRate: warmUp(
            Math.min(100, steps / 10),
            cosineDecay({ from: learningRate, to: learningRate / 100, steps }),
          ),
          clip: 1,
        },
      },
      average: { decay: 0.998 },
    });
    const indices = shuffledIndices({ length: cache.count, batch });
    const weights = options.from ? await startingWeights(options.from) : undefined;
    return {
      program,
      ...(weights ? { weights } : {}),
      columns: task.metrics,
      data: {
        length: Math.ceil(cache.count / batch),
        async batch(step, key) {
          const chosen = indices(step, key);
          const planes = await cache.planes(chosen);
          augment(planes, { side, seed: key, step, shifts: what.shifts });
          return {
            image: tensor("float32", [batch, 3, side, side], planes),
            target: task.targets(Array.from(chosen, (i) => cache.labels[i]!)),
          };
        },
      },
      async look(state) {
        await using host = await createHost({ kind: "in-process" });
        const parameters = Object.fromEntries(averagesOf(state));
        await using runner = createExpertRunner({ host, expert, parameters });
        const planes = await held.planes(held.labels.map((_, i) => i));
        return task.judge(await runner.run(tensor("float32", [held.count, 3, side, side], planes)), held.labels);
      },
      async [Symbol.asyncDispose]() {
        await cache[Symbol.asyncDispose]();
        await held[Symbol.asyncDispose]();
      },
    };
  },
});
