import { type SamplerName, type SigmaName, usualSteps } from "@prosopon/reenactment/samplers";
import { Command } from "commander";
import type { Context } from "../context.ts";
import { numberOption } from "../number-option.ts";
import { createReporter } from "../reporter.ts";
import { addSamplingOptions } from "./generate.ts";

export interface InterpolateOptions {
  readonly from?: readonly string[];
  readonly to?: string;
  readonly count: number;
  readonly output: string;
  readonly strength: number;
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
  prosopon interpolate anna.png berta.png -o strip.png
  prosopon interpolate anna.png berta.png --to happy --count 9 --strength 800 -o happy.png
  prosopon interpolate anna.png berta.png --eta 1 --seed 3 -o loose.png --json`;

/** `prosopon interpolate`: a strip of faces between two. */
export const interpolateCommand = (context: Context): Command =>
  addSamplingOptions(
    new Command("interpolate")
      .description("a strip of faces between two faces")
      .argument("<first>", "a picture with a face")
      .argument("<second>", "another one")
      .option("--from <emotion...>", "the emotions that the two show (default: recognised)")
      .option("--to <emotion>", "the emotion of all in the strip (default: that of the nearer end)")
      .option("--count <2..64>", "faces in the strip", numberOption("count", { least: 2, most: 64, whole: true }), 7)
      .requiredOption("-o, --output <file>", "where to write: .png, .jpg or .webp")
      .option(
        "--strength <1..999>",
        "how far both are noised",
        numberOption("strength", { least: 1, most: 999, whole: true }),
        700,
      ),
    { guidance: 1, steps: usualSteps.edit },
  )
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examples)
    .action(async (first: string, second: string, options: InterpolateOptions) => {
      const { interpolateFiles } = await import("../generate/interpolate-files.ts");
      await interpolateFiles(context, createReporter(context, options.json === true), [first, second], options);
    });
