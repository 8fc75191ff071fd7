import { ProsoponError } from "@prosopon/errors";
import {
  type InversionName,
  inversionNames,
  type Precision,
  precisions,
  type SamplerName,
  type SigmaName,
  samplerNames,
  sigmaNames,
  usualSteps,
} from "@prosopon/reenactment/samplers";
import { Command, Option } from "commander";
import type { Context } from "../context.ts";
import { numberOption } from "../number-option.ts";
import { createReporter } from "../reporter.ts";

export interface ReenactOptions {
  readonly to?: string;
  readonly from?: string;
  readonly output: string;
  readonly strength: number;
  readonly guidance?: number;
  readonly guidanceRule: "equation" | "reference";
  readonly steps?: number;
  readonly sampler?: SamplerName;
  readonly sigmas?: SigmaName;
  readonly inversion?: InversionName;
  readonly seed: number;
  readonly device: "auto" | "cpu" | "webgpu" | "cuda";
  readonly precision: Precision;
  readonly model?: string;
  readonly all?: true;
  readonly sweep?: "guidance" | "strength";
  /** False with --no-detail. */
  readonly detail: boolean;
  readonly aligned?: true;
  readonly face?: number;
  readonly json?: true;
}

const examples = `
Emotions: neutral, happy, sad, surprised, scared, disgusted, angry, contempt.

Examples:
  prosopon reenact person.png --to happy -o happy.png
  prosopon reenact person.png --from neutral --to angry --strength 600 --guidance 5 -o angry.png
  prosopon reenact person.png --all -o six-emotions.png
  prosopon reenact person.png --to sad --sampler ddim -o as-the-thesis-does.png
  prosopon reenact person.png --to sad --sweep strength -o strip.png
  prosopon reenact person.png --to happy --precision int8 -o happy.png
  prosopon reenact group.jpg --face 2 --to surprised -o group-surprised.jpg --json`;

export const samplerOption = (what: string): Option =>
  new Option("--sampler <name>", `${what} (default: dpmpp-2m; ddim is the thesis')`).choices(samplerNames);

/** Where any sampler stops on its way from noise. */
export const sigmasOption = (): Option =>
  new Option(
    "--sigmas <name>",
    "noise levels on the way: uniform in time, uniform in ln σ, or Karras et al.'s (default: times with ddim, else karras)",
  ).choices(sigmaNames);

/** The options that say how an edit is computed. */
export function addComputeOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--device <name>", "where to compute").choices(["auto", "cpu", "webgpu", "cuda"]).default("cpu"),
    )
    .option("--model <name>", "a model's name, or the path of its folder (default: the first reenactment model)");
}

export const reenactCommand = (context: Context): Command =>
  addComputeOptions(
    new Command("reenact")
      .description("change the emotion of the face in a picture")
      .argument("<image>", "PNG, JPEG, WebP, GIF, AVIF or TIFF")
      .option("--to <emotion>", "the emotion wanted")
      .option("--from <emotion>", "the emotion that the picture shows (default: recognised)")
      .requiredOption("-o, --output <file>", "where to write: .png, .jpg or .webp")
      .option(
        "--strength <1..999>",
        "how much may change",
        numberOption("strength", { least: 1, most: 999, whole: true }),
        500,
      )
      .option(
        "--guidance <number>",
        "how strongly the emotion pulls; 1 is not at all (default: the model's own, or 5)",
        numberOption("guidance", { least: 0, most: 100 }),
      )
      .addOption(
        new Option("--guidance-rule <whose>", "reference: 1 or less is no guidance, as in the thesis' scripts")
          .choices(["equation", "reference"])
          .default("equation"),
      )
      .option(
        "--steps <1..1000>",
        `network calls each way (default: ${usualSteps.edit}; ${usualSteps.ddim} with ddim)`,
        numberOption("steps", { least: 1, most: 1000, whole: true }),
      )
      .addOption(samplerOption("way back from noise"))
      .addOption(sigmasOption())
      .addOption(
        new Option(
          "--inversion <name>",
          "way to noise: the thesis' first order, second order, or coupled and exact (default: ddim with ddim, else dpmpp-2m)",
        ).choices(inversionNames),
      )
      .option(
        "--seed <number>",
        "names the noise, where a sampler draws any",
        numberOption("seed", { least: 0, whole: true }),
        0,
      ),
  )
    .addOption(
      new Option("--precision <name>", "int8 is faster on the processor and a little less exact, for calibrated models")
        .choices(precisions)
        .default("float32"),
    )
    .option("--all", "a labelled grid of six emotions instead of one")
    .addOption(
      new Option("--sweep <setting>", "a labelled strip over values of a setting").choices(["guidance", "strength"]),
    )
    .option(
      "--no-detail",
      "show the decoder's picture as it is, without the source's fine detail where nothing changed",
    )
    .option("--aligned", "the picture is a square crop with the face in its place: look for none")
    .addOption(
      new Option("--face <n>", "which face, the largest is 1")
        .argParser(numberOption("face", { least: 1, whole: true }))
        .conflicts("aligned"),
    )
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examples)
    .action(async (image: string, options: ReenactOptions) => {
      if (!options.all && options.to === undefined)
        throw new ProsoponError("bad-input", "No emotion is wanted.", { mend: "Give --to EMOTION, or --all." });
      if (options.all && (options.sweep || options.to))
        throw new ProsoponError("bad-input", "--all goes with neither --to nor --sweep.", {
          mend: "Choose one of them.",
        });
      const { reenactFile } = await import("../reenact/reenact-file.ts");
      await reenactFile(context, createReporter(context, options.json === true), image, options);
    });
