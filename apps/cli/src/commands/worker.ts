import { Command } from "commander";
import type { Context } from "../context.ts";
import { numberOption } from "../number-option.ts";
import { collected } from "./serve.ts";

export interface WorkerOptions {
  readonly config?: string;
  readonly redis?: string;
  readonly data?: string;
  readonly application?: readonly string[];
  readonly device?: readonly string[];
  readonly slots?: number;
  readonly defaultApplications: boolean;
}

const examples = `
Examples:
  prosopon worker --redis redis://cache:6379 --data /srv/prosopon
  prosopon worker --redis redis://cache:6379 --data /srv/prosopon --device cuda --slots 4
The data folder is the gateway's own, shared between the hosts.`;

export const workerCommand = (context: Context): Command =>
  new Command("worker")
    .description("run jobs that a gateway elsewhere put into Redis")
    .option("-c, --config <file>", "JSON configuration, as for serve")
    .option("--redis <url>", "Redis or Valkey with the jobs; or PROSOPON_REDIS")
    .option("--data <folder>", "folder of uploads and artifacts, shared with the gateway")
    .option("--application <module>", "a module with more applications; may be repeated", collected)
    .option("--device <name>", "device; may be repeated (default: cpu)", collected)
    .option(
      "--slots <number>",
      "jobs at a time on a device (default: 1)",
      numberOption("slots", { least: 1, most: 64, whole: true }),
    )
    .option("--no-default-applications", "only the applications of --application")
    .addHelpText("after", examples)
    .action(async (options: WorkerOptions) => {
      const { work } = await import("../serve/work.ts");
      await work(context, options);
    });
