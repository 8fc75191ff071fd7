import { usualSteps } from "@prosopon/reenactment/samplers";
import { Command } from "commander";
import type { Context } from "../context.ts";
import { numberOption } from "../number-option.ts";
import { createReporter } from "../reporter.ts";
import { addComputeOptions } from "./reenact.ts";

export interface DemoOptions {
  readonly output: string;
  readonly seed: number;
  readonly people: number;
  readonly steps: number;
  readonly strength: number;
  readonly guidance?: number;
  readonly device: "auto" | "cpu" | "webgpu" | "cuda";
  readonly model?: string;
  readonly json?: true;
}

const examples = `
Examples:
  prosopon demo
  prosopon demo --seed 12 -o my-demo`;

export const demoCommand = (context: Context): Command =>
  addComputeOptions(
    new Command("demo")
      .description("draw people that do not exist, change their emotions, and show it as pictures and a page")
      .option("-o, --output <folder>", "folder for the pictures", "demo-output")
      .option("--seed <number>", "which people", numberOption("seed", { least: 0, whole: true }), 6)
      .option(
        "--people <1..8>",
        "rows of the contact sheet",
        numberOption("people", { least: 1, most: 8, whole: true }),
        3,
      )
      .option(
        "--steps <1..500>",
        "network calls each way",
        numberOption("steps", { least: 1, most: 500, whole: true }),
        usualSteps.edit,
      )
      .option(
        "--strength <1..999>",
        "how much may change",
        numberOption("strength", { least: 1, most: 999, whole: true }),
        500,
      )
      .option(
        "--guidance <number>",
        "how strongly the emotion pulls (default: the model's own)",
        numberOption("guidance", { least: 0, most: 100 }),
      ),
  )
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examples)
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import("../demo/run-demo.ts");
      await runDemo(context, createReporter(context, options.json === true), options);
    });
