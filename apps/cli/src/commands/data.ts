import type { DataAlignment, DataLayout } from "@prosopon/recipes/node";
import { Command, Option } from "commander";
import type { Context } from "../context.ts";
import { numberOption } from "../number-option.ts";
import { createReporter } from "../reporter.ts";

export interface DataPrepareOptions {
  readonly output?: string;
  readonly align?: DataAlignment;
  readonly size: number;
  readonly domain: "rendered portraits" | "photographs";
  readonly firstStage?: string;
  readonly fps?: number;
  readonly transcripts?: string;
  readonly wav2vec2?: string;
  readonly emotion?: string;
  readonly ffmpeg?: string;
  readonly json?: true;
}

const layouts: readonly DataLayout[] = ["affectnet", "mead", "fer2013", "folder"];

const examples = `
Layouts: affectnet (its lists, or train_set and val_set), mead (front views), fer2013 (fer2013.csv), folder (a folder for each emotion,
or labels.csv). What cannot be used is left out, counted, and listed in left-out.tsv.

Examples:
  prosopon data prepare affectnet AffectNet/ -o data/affectnet
  prosopon data prepare affectnet AffectNet/ -o data/as-in-the-thesis --align reference
  prosopon data prepare mead MEAD/ -o data/mead --first-stage first-stage-portraits
  prosopon data prepare folder faces/ -o data/faces --json
  prosopon train first-stage --set data=data/affectnet
  prosopon train reenactment --set data=data/affectnet --set first-stage=runs/first-stage
Ctrl-C stops it; the same command goes on.`;

/** `prosopon data prepare LAYOUT FOLDER`. */
export function dataCommand(context: Context): Command {
  const command = new Command("data").description("prepare data sets of yours to learn from");
  command
    .command("prepare")
    .description("align, split and list the pictures or clips of a data set")
    .addArgument(command.createArgument("<layout>", "how the data set is laid out").choices(layouts))
    .argument("<folder>", "the data set; it is only read")
    .option("-o, --output <folder>", "where the prepared one goes (default: data/LAYOUT)")
    .addOption(
      new Option("--align <how>", "how faces are cut out (default: canonical; fer2013: none)").choices([
        "canonical",
        "reference",
        "none",
      ]),
    )
    .option("--size <pixels>", "side of the pictures", numberOption("size", { least: 32, most: 512, whole: true }), 128)
    .addOption(
      new Option("--domain <what>", "what the pictures show")
        .choices(["photographs", "rendered portraits"])
        .default("photographs"),
    )
    .option("--first-stage <model>", "encode latents too, by this model or run, so that training begins at once")
    .option("--fps <number>", "of clips: frames per second (default: 30)", numberOption("fps", { least: 1, most: 120 }))
    .option("--transcripts <file>", "of clips: M003_level_1_angry_001 WHAT WAS SAID, a line each")
    .option("--wav2vec2 <file>", "of clips: hear with these weights of wav2vec2-base-960h instead of log-mel")
    .option("--emotion <name>", "of folder: all pictures show it")
    .option("--ffmpeg <program>", "ffmpeg's path (default: that in PATH)")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examples)
    .action(async (layout: DataLayout, folder: string, options: DataPrepareOptions) => {
      const { prepareFolder } = await import("../data/prepare-folder.ts");
      await prepareFolder(context, createReporter(context, options.json === true), layout, folder, options);
    });
  return command.addHelpText("after", examples);
}
