import { ProsoponError } from "@prosopon/errors";
import { type SamplerName, type SigmaName, usualSteps } from "@prosopon/reenactment/samplers";
import { Command } from "commander";
import type { Context } from "../context.ts";
import { numberOption } from "../number-option.ts";
import { createReporter } from "../reporter.ts";
import { addComputeOptions, samplerOption, sigmasOption } from "./reenact.ts";

export interface GenerateOptions {
  readonly emotion?: string;
  readonly all?: true;
  readonly count: number;
  readonly sameFace?: true;
  readonly output: string;
  readonly guidance: number;
  readonly steps?: number;
  readonly sampler?: SamplerName;
  readonly sigmas?: SigmaName;
  readonly eta: number;
  readonly seed: number;
  readonly device: "auto" | "cpu" | "webgpu" | "cuda";
  readonly model?: string;
  readonly json?: true;
}

const examples = `
Examples:
  prosopon generate --emotion happy -o face.png
  prosopon generate --all --same-face --seed 7 -o one-face.png
  prosopon generate --emotion sad --count 8 --sampler unipc --steps 10 -o eight.png --json`;

/** The options of all that samples from noise. */
export const addSamplingOptions = (
  command: Command,
  { guidance, steps }: { guidance: number; steps: number },
): Command =>
  addComputeOptions(command)
    .option(
      "--guidance <number>",
      "how strongly the emotion pulls; 1 is not at all",
      numberOption("guidance", { least: 0, most: 100 }),
      guidance,
    )
    .option(
      "--steps <1..999>",
      `steps from noise (default: ${steps}; ${usualSteps.ddim} with ddim)`,
      numberOption("steps", { least: 1, most: 999, whole: true }),
    )
    .addOption(samplerOption("way from noise"))
    .addOption(sigmasOption())
    .option("--eta <0..1>", "fresh noise of ddim", numberOption("eta", { least: 0, most: 1 }), 0)
    .option("--seed <number>", "names the noise", numberOption("seed", { least: 0, whole: true }), 0);

/** `prosopon generate`: faces out of noise. */
export const generateCommand = (context: Context): Command =>
  addSamplingOptions(
    new Command("generate")
      .description("make new faces of an emotion out of noise")
      .option("--emotion <emotion>", "the emotion wanted")
      .option("--all", "a labelled sheet of all emotions")
      .option("--count <1..64>", "how many of each", numberOption("count", { least: 1, most: 64, whole: true }), 1)
      .option("--same-face", "the same noise for every emotion")
      .requiredOption("-o, --output <file>", "where to write: .png, .jpg or .webp"),
    { guidance: 3, steps: usualSteps.generation },
  )
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examples)
    .action(async (options: GenerateOptions) => {
      if ((options.emotion === undefined) === (options.all === undefined))
        throw new ProsoponError("bad-input", "Give either --emotion EMOTION or --all.");
      const { generateFile } = await import("../generate/generate-file.ts");
      await generateFile(context, createReporter(context, options.json === true), options);
    });
