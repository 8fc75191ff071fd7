import { ProsoponError } from "@prosopon/errors";
import { Command } from "commander";
import type { Context } from "../context.ts";
import { numberOption } from "../number-option.ts";
import { createReporter } from "../reporter.ts";

export interface TrainOptions {
  readonly output?: string;
  readonly cache?: string;
  readonly seed: number;
  readonly steps?: number;
  readonly batch?: number;
  readonly learningRate?: number;
  readonly every: number;
  readonly from?: string;
  readonly set: Readonly<Record<string, string>>;
  readonly json?: true;
}

const examples = `
Examples:
  prosopon train                      (lists the recipes and their settings)
  prosopon train first-stage -o runs/first-stage --steps 3000
  prosopon train first-stage -o runs/my-first-stage --set data=data/affectnet
  prosopon train reenactment -o runs/reenactment --set first-stage=runs/first-stage
A run that its folder holds goes on where it stopped.`;

/** "key=value", collected. @throws `bad-input`. */
function collect(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  throw new ProsoponError("bad-input", `--set ${text} is no setting.`, {
    values: { set: text },
    mend: "Write --set key=value.",
  });
}

const positive = (name: string) => numberOption(name, { least: 1, whole: true });

export const trainCommand = (context: Context): Command =>
  new Command("train")
    .description("train a model by a recipe, on this machine")
    .argument("[recipe]", "name of a recipe; without one they are listed")
    .option("-o, --output <folder>", "folder of the run (default: runs/RECIPE)")
    .option("--cache <folder>", "folder for rendered pictures that runs share (default: runs/cache)")
    .option("--seed <number>", "seed of weights, data and noise", numberOption("seed", { least: 0, whole: true }), 1)
    .option("--steps <number>", "optimizer steps (default: the recipe's)", positive("steps"))
    .option("--batch <number>", "samples in a step (default: the recipe's)", positive("batch"))
    .option("--learning-rate <number>", "default: the recipe's", numberOption("learning-rate", { least: 0, most: 1 }))
    .option("--every <number>", "steps between checkpoints", positive("every"), 500)
    .option("--from <path>", "weights to start from: a safetensors file, or the folder of another run or of a model")
    .option("--set <key=value>", "a setting of the recipe; may be repeated", collect, {})
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examples)
    .action(async (recipe: string | undefined, options: TrainOptions) => {
      const { listRecipes, trainRecipe } = await import("../train/train-recipe.ts");
      const reporter = createReporter(context, options.json === true);
      await (recipe === undefined ? listRecipes(reporter) : trainRecipe(context, reporter, recipe, options));
    });
