import { Command } from "commander";
import type { Context } from "../context.ts";
import { numberOption } from "../number-option.ts";

export interface ServeOptions {
  readonly port?: number;
  readonly host?: string;
  readonly config?: string;
  readonly redis?: string;
  readonly data?: string;
  readonly application?: readonly string[];
  readonly device?: readonly string[];
  readonly slots?: number;
  readonly worker: boolean;
  readonly defaultApplications: boolean;
  readonly development?: true;
}

const examples = `
Examples:
  prosopon serve                          (studio at http://127.0.0.1:4000, this machine only)
  prosopon serve --application ./mine.mjs
  prosopon serve --host 0.0.0.0 --config gateway.json
  prosopon serve --redis redis://cache:6379 --data /srv/prosopon --no-worker
Every option is also a key of the configuration and a variable, such as PROSOPON_PORT; see docs/gateway.md.`;

/** Repeated options, in order. */
export const collected = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

export const serveCommand = (context: Context): Command =>
  new Command("serve")
    .description("serve GraphQL at /graphql and the studio at /, with workers that run the jobs")
    .option(
      "-p, --port <number>",
      "port, 0 for any (default: 4000)",
      numberOption("port", { least: 0, most: 65_535, whole: true }),
    )
    .option("--host <address>", "address to listen on (default: 127.0.0.1); others need credentials")
    .option("-c, --config <file>", "JSON configuration")
    .option("--redis <url>", "Redis or Valkey for jobs and frames (default: in this process)")
    .option("--data <folder>", "folder of uploads and artifacts (default: PROSOPON_HOME/jobs)")
    .option("--application <module>", "a module with more applications; may be repeated", collected)
    .option("--device <name>", "device for workers; may be repeated (default: cpu)", collected)
    .option(
      "--slots <number>",
      "jobs at a time on a device (default: 1)",
      numberOption("slots", { least: 1, most: 64, whole: true }),
    )
    .option("--no-worker", "no workers here: others take the jobs from Redis")
    .option("--no-default-applications", "only the applications of --application")
    .option("--development", "GraphiQL and introspection")
    .addHelpText("after", examples)
    .action(async (options: ServeOptions) => {
      const { serve } = await import("../serve/serve.ts");
      await serve(context, options);
    });
