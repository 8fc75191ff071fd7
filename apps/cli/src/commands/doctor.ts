import { Command } from "commander";
import type { Context } from "../context.ts";
import { createReporter } from "../reporter.ts";

export interface DoctorOptions {
  readonly json?: true;
}

const examples = `
Examples:
  prosopon doctor
  prosopon doctor --json`;

export const doctorCommand = (context: Context): Command =>
  new Command("doctor")
    .description("say what works here, what is missing, and the command that mends it")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examples)
    .action(async (options: DoctorOptions) => {
      const { examine } = await import("../doctor/examine.ts");
      await examine(context, createReporter(context, options.json === true));
    });
