import { join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import { recipeNamed, recipes, trainInChild } from "@prosopon/recipes/node";
import type { TrainOptions } from "../commands/train.ts";
import type { Context } from "../context.ts";
import type { Progress, Reporter } from "../reporter.ts";

/** `prosopon train` without a recipe. */
export async function listRecipes(reporter: Reporter): Promise<void> {
  const all = recipes.map(({ name, description, defaults, settings }) => ({
    name,
    description,
    defaults,
    settings,
  }));
  const lines = all.flatMap(({ name, description, defaults, settings }) => [
    `${name}: ${description}`,
    `  --steps ${defaults.steps} --batch ${defaults.batch} --learning-rate ${defaults.learningRate}`,
    ...Object.entries(settings).map(([key, one]) => `  --set ${key}=${one.default}  ${one.description}`),
  ]);
  reporter.result({ command: "train", recipes: all }, lines.join("\n"));
}

/**
 * `prosopon train RECIPE`, in a child process whose allocator suits it: Ctrl-C saves a last checkpoint, and the same command goes on from it.
 */
export async function trainRecipe(
  { signal }: Context,
  reporter: Reporter,
  name: string,
  options: TrainOptions,
): Promise<void> {
  const { recipe } = recipeNamed(name, options.set);
  const folder = options.output ?? join("runs", name);
  const steps = options.steps ?? recipe.defaults.steps;
  let progress: Progress | undefined;
  let trained = false;
  let noted = "";
  let last: Readonly<Record<string, unknown>> = {};
  const run = trainInChild(name, {
    folder,
    cache: options.cache ?? join("runs", "cache"),
    seed: options.seed,
    steps,
    batch: options.batch ?? recipe.defaults.batch,
    learningRate: options.learningRate ?? recipe.defaults.learningRate,
    every: options.every,
    ...(options.from === undefined ? {} : { from: options.from }),
    settings: options.set,
    signal,
  });
  try {
    for await (const event of run) {
      if (event.event === "progress") {
        const { label, done, total } = event;
        const tenth = `${label} ${Math.floor((10 * done) / total)}`;
        if (tenth !== noted) reporter.note(`${label} ${done}/${total}`);
        noted = tenth;
      } else if (event.event === "start") {
        reporter.note(`${event.parameters} parameters; step ${event.step} of ${event.steps}`);
        progress = await reporter.progress(event.steps);
      } else if (event.event === "step") {
        last = { ...last, losses: event.losses };
        trained = true;
        progress?.update(event.step, "training");
      } else if (event.event === "look") {
        last = { ...last, scores: event.scores };
        const scores = Object.entries(event.scores).map(([key, value]) => `${key} ${value.toPrecision(4)}`);
        reporter.note(`step ${event.step}: ${scores.join(", ")}`);
      } else last = { ...last, step: event.step, weights: event.weights, seconds: event.seconds };
    }
  } catch (error) {
    if (!signal.aborted || !trained) throw error;
    throw new ProsoponError("cancelled", `The run in ${folder} was cancelled.`, {
      values: { folder },
      mend: "The same command goes on where it stopped.",
      cause: error,
    });
  } finally {
    progress?.stop();
  }
  reporter.result({ command: "train", recipe: name, folder, steps, ...last }, `${folder}: ${steps} steps done`);
}
