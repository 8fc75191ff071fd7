import { join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import type { Recipe } from "@prosopon/recipes/node";
import * as library from "@prosopon/recipes/node";
import type { TrainOptions } from "../commands/train.ts";
import type { Context } from "../context.ts";
import type { Progress, Reporter } from "../reporter.ts";

const isRecipe = (value: unknown): value is Recipe =>
  typeof value === "object" && value !== null && "prepare" in value && "settings" in value && "name" in value;

/** Every recipe that the library exports, by name. */
const recipes = (): ReadonlyMap<string, Recipe> =>
  new Map(
    Object.values(library)
      .filter(isRecipe)
      .map((recipe) => [recipe.name, recipe]),
  );

/** `prosopon train` without a recipe. */
export async function listRecipes(reporter: Reporter): Promise<void> {
  const all = [...recipes().values()].map(({ name, description, defaults, settings }) => ({
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

function settingsOf(recipe: Recipe, given: Readonly<Record<string, string>>): Record<string, string> {
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(recipe.settings, key));
  if (unknown !== undefined)
    throw new ProsoponError("bad-input", `The recipe ${recipe.name} has no setting "${unknown}".`, {
      values: { setting: unknown },
      mend: `It has ${Object.keys(recipe.settings).join(", ") || "none"}.`,
    });
  const defaults = Object.fromEntries(Object.entries(recipe.settings).map(([key, one]) => [key, one.default]));
  return { ...defaults, ...given };
}

/** `prosopon train RECIPE`: Ctrl-C saves a last checkpoint, and the same command goes on from it. */
export async function trainRecipe(
  { signal }: Context,
  reporter: Reporter,
  name: string,
  options: TrainOptions,
): Promise<void> {
  const all = recipes();
  const recipe = all.get(name);
  if (!recipe)
    throw new ProsoponError("not-found", `There is no recipe "${name}".`, {
      values: { recipe: name },
      mend: `Use one of ${[...all.keys()].join(", ")}.`,
    });
  const folder = options.output ?? join("runs", name);
  const steps = options.steps ?? recipe.defaults.steps;
  let progress: Progress | undefined;
  let last: Readonly<Record<string, unknown>> = {};
  const run = library.runRecipe(recipe, {
    folder,
    cache: options.cache ?? join("runs", "cache"),
    seed: options.seed,
    steps,
    batch: options.batch ?? recipe.defaults.batch,
    learningRate: options.learningRate ?? recipe.defaults.learningRate,
    every: options.every,
    ...(options.from === undefined ? {} : { from: options.from }),
    settings: settingsOf(recipe, options.set),
    signal,
    onProgress: (label, done, total) => {
      if (done === total || done % Math.ceil(total / 10) === 0) reporter.note(`${label} ${done}/${total}`);
    },
  });
  try {
    for await (const event of run) {
      if (event.event === "start") {
        reporter.note(`${event.parameters} parameters; step ${event.step} of ${event.steps}`);
        progress = await reporter.progress(event.steps);
      } else if (event.event === "step") {
        last = { ...last, losses: event.losses };
        progress?.update(event.step, "training");
      } else if (event.event === "look") {
        last = { ...last, scores: event.scores };
        const scores = Object.entries(event.scores).map(([key, value]) => `${key} ${value.toPrecision(4)}`);
        reporter.note(`step ${event.step}: ${scores.join(", ")}`);
      } else last = { ...last, step: event.step, weights: event.weights, seconds: event.seconds };
    }
  } finally {
    progress?.stop();
  }
  reporter.result({ command: "train", recipe: name, folder, steps, ...last }, `${folder}: ${steps} steps done`);
}
