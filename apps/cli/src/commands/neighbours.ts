import { Command, Option } from "commander";
import type { Context } from "../context.ts";
import { numberOption } from "../number-option.ts";
import { createReporter } from "../reporter.ts";

export interface NeighboursOptions {
  readonly output?: string;
  readonly count: number;
  readonly by: "pixel" | "feature";
  readonly device: "auto" | "cpu" | "webgpu" | "cuda";
  readonly model?: string;
  readonly json?: true;
}

const examples = `
Examples:
  prosopon neighbours face.png training-pictures/ -o nearest.png
  prosopon neighbours face.png training-pictures/ --by feature --count 12 --json`;

/** `prosopon neighbours`: which pictures of a folder a picture is most like. */
export const neighboursCommand = (context: Context): Command =>
  new Command("neighbours")
    .description("the pictures of a folder that a picture is most like: is a generated face a copy?")
    .argument("<image>", "the picture")
    .argument("<folder>", "where to look")
    .option("-o, --output <file>", "a labelled contact sheet: .png, .jpg or .webp")
    .option("--count <1..64>", "how many", numberOption("count", { least: 1, most: 64, whole: true }), 8)
    .addOption(
      new Option("--by <what>", "pixels, or features of an identity embedder")
        .choices(["pixel", "feature"])
        .default("pixel"),
    )
    .addOption(
      new Option("--device <name>", "where to compute features")
        .choices(["auto", "cpu", "webgpu", "cuda"])
        .default("cpu"),
    )
    .option("--model <name>", "an identity embedder (default: the first installed)")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examples)
    .action(async (image: string, folder: string, options: NeighboursOptions) => {
      const { findNeighbours } = await import("../neighbours/find-neighbours.ts");
      await findNeighbours(context, createReporter(context, options.json === true), image, folder, options);
    });
