import { usualSteps } from "@prosopon/reenactment/samplers";
import { Command, Option } from "commander";
import type { Context } from "../context.ts";
import type { CalibrateModelOptions } from "../models/calibrate-model.ts";
import type { ExportOptions } from "../models/export-models.ts";
import type { GetOptions } from "../models/get-models.ts";
import type { ImportOptions } from "../models/import-models.ts";
import type { PackOptions } from "../models/pack-run.ts";
import { numberOption } from "../number-option.ts";
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

const importExamples = `
Examples:
  prosopon models import ldm.ckpt --config ldm.yaml --name affectnet
  prosopon models import vqgan.ckpt --raw
  prosopon models import unet.safetensors --config config.json --json`;

const inspectExamples = `
Examples:
  prosopon models inspect ldm.ckpt
  prosopon models inspect model.safetensors --json`;

const exportExamples = `
Examples:
  prosopon models export affectnet affectnet.ckpt
  prosopon models export affectnet-first-stage vq.safetensors --names diffusers`;

const getExamples = `
Examples:
  prosopon models get NAME --from addresses.json
  prosopon models get NAME --from addresses.json --offline`;

const packExamples = `
Examples:
  prosopon models pack runs/reenactment --name mine --first-stage first-stage-portraits
  prosopon models pack runs/first-stage --name my-first-stage --licence CC-BY-4.0`;

const calibrateExamples = `
int8 makes large models faster on the processor. It needs to know how large their activations are, which this command measures on edits of
pictures; then it edits others in int8 and in float32 and says what that costs. Models that come with Prosopon are calibrated.

Examples:
  prosopon models calibrate mine
  prosopon models calibrate affectnet --pictures faces/ --count 16
  prosopon models calibrate reenactment-portraits -o my-models --json`;

const fileCommands = (command: Command, context: Context): void => {
  command
    .command("import")
    .description("take over checkpoints of latent diffusion, taming-transformers or diffusers")
    .argument("<file...>", ".ckpt, .pt, .pth or .safetensors")
    .option("--config <file>", "the yaml it was trained with, or the config.json of diffusers")
    .option("--name <name>", "what to call it (default: the file's name)")
    .option("--ema", "averaged weights (default where there are some)")
    .option("--raw", "live weights")
    .option("--first-stage <name>", "an installed first stage, for a file that holds none")
    .option("--licence <text>", "under which it may be used")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", importExamples)
    .action(async (files: readonly string[], options: ImportOptions) => {
      const { importModels } = await import("../models/import-models.ts");
      await importModels(context, createReporter(context, options.json === true), files, options);
    });
  command
    .command("inspect")
    .description("names, shapes and counts of the tensors in a file")
    .argument("<file>", "a PyTorch checkpoint or a safetensors file")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", inspectExamples)
    .action(async (file: string, options: ModelsOptions) => {
      const { inspectFile } = await import("../models/inspect-file.ts");
      await inspectFile(context, createReporter(context, options.json === true), file);
    });
  command
    .command("export")
    .description("write a model under the names of the code it comes from")
    .argument("<name>", "an installed model")
    .argument("<file>", ".ckpt, .pt, .pth or .safetensors")
    .addOption(new Option("--names <whose>", "key names").choices(["original", "diffusers"]).default("original"))
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", exportExamples)
    .action(async (name: string, file: string, options: ExportOptions) => {
      const { exportModels } = await import("../models/export-models.ts");
      await exportModels(context, createReporter(context, options.json === true), name, file, options);
    });
  command
    .command("pack")
    .description("turn a finished run of prosopon train into a model")
    .argument("<run>", "the run's folder: first-stage, reenactment, talk or talk-finish")
    .requiredOption("--name <name>", "what to call it")
    .option(
      "--first-stage <name>",
      "the installed first stage that it works on (default: the model that it learned on)",
    )
    .option("--licence <text>", "under which it may be used")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", packExamples)
    .action(async (run: string, options: PackOptions) => {
      const { packFinishedRun } = await import("../models/pack-run.ts");
      await packFinishedRun(context, createReporter(context, options.json === true), run, options);
    });
  command
    .command("get")
    .description("download a model whose address is known, and check it")
    .argument("<name>", "a name in the file of addresses")
    .option("--from <file>", "addresses.json, or a folder with one (default: that in PROSOPON_HOME)")
    .option("--offline", "use only what was downloaded before")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", getExamples)
    .action(async (name: string, options: GetOptions) => {
      const { getModels } = await import("../models/get-models.ts");
      await getModels(context, createReporter(context, options.json === true), name, options);
    });
};

const calibrateCommand = (command: Command, context: Context): Command =>
  command
    .command("calibrate")
    .description("measure what int8 needs to know of a reenactment model and its first stage, and what int8 costs")
    .argument("<model>", "a model's name, or the path of its folder")
    .option(
      "--pictures <path...>",
      "pictures of faces, or folders of them (default for rendered portraits: drawn ones)",
    )
    .option(
      "--count <n>",
      "pictures to measure on; half as many others are judged",
      numberOption("count", { least: 1, most: 1000, whole: true }),
      12,
    )
    .option(
      "--strength <1..999>",
      "the strength that edits will have",
      numberOption("strength", { least: 1, most: 999, whole: true }),
      500,
    )
    .option(
      "--steps <1..1000>",
      "network calls each way",
      numberOption("steps", { least: 1, most: 1000, whole: true }),
      usualSteps.edit,
    )
    .option("-o, --output <folder>", "a folder of models: write the calibrated ones there (default: in their place)")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", calibrateExamples)
    .action(async (model: string, options: CalibrateModelOptions) => {
      const { calibrateModel } = await import("../models/calibrate-model.ts");
      await calibrateModel(context, createReporter(context, options.json === true), model, options);
    });

/** `models list`, `info`, `import`, `inspect`, `export`, `pack`, `get` and `calibrate`. */
export function modelsCommand(context: Context): Command {
  const command = new Command("models").description("look at models, import, export and download them");
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
  fileCommands(command, context);
  calibrateCommand(command, context);
  return command.addHelpText("after", `${listExamples}\n  prosopon models info NAME`);
}
