import { Command } from "commander";
import type { Context } from "../context.ts";
import { createReporter } from "../reporter.ts";

export interface ModelsOptions {
  readonly json?: true;
}

const listExamples = `
Examples:
  prosopon models list
  prosopon models list --json`;

const infoExamples = `
Examples:
  prosopon models info NAME
  prosopon models info ./my-models/NAME --json`;

/** `models list` and `models info`. */
export function modelsCommand(context: Context): Command {
  const command = new Command("models").description("look at the models that are installed");
  command
    .command("list")
    .description("name, kind and place of every model")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", listExamples)
    .action(async (options: ModelsOptions) => {
      const { showModels } = await import("../models/show-models.ts");
      await showModels(context, createReporter(context, options.json === true));
    });
  command
    .command("info")
    .description("the card of a model, after its weights were checked")
    .argument("<name>", "a model's name, or the path of its folder")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", infoExamples)
    .action(async (name: string, options: ModelsOptions) => {
      const { showModel } = await import("../models/show-model.ts");
      await showModel(context, createReporter(context, options.json === true), name);
    });
  return command.addHelpText("after", `${listExamples}\n  prosopon models info NAME`);
}
