import { fieldsOf } from "@prosopon/gateway";
import type { Application } from "@prosopon/jobs";
import { Command } from "commander";
import type { Context } from "../context.ts";
import { optionOf } from "./option-of.ts";
import type { RunApplicationOptions } from "./run-application.ts";

/** Options that every application's command has; a field of such a name is reached as `--input-NAME`. */
const own: ReadonlySet<string> = new Set(["output", "saveFrames", "device", "json", "help", "version"]);

/** A command from an application's schema alone: an option for each field. */
export function applicationCommand(context: Context, application: Application): Command {
  const command = new Command(application.name)
    .description(application.description)
    .option("-o, --output <file>", "the artifact's file (default: its own name, here)")
    .option("--device <name>", "where it runs", "cpu")
    .option("--json", "one JSON object on stdout");
  if (application.output === "frames") command.option("--save-frames <folder>", "a folder for every frame");
  const attributes = new Map<string, string>();
  for (const [key, field] of Object.entries(fieldsOf(application.input))) {
    const option = optionOf(own.has(key) ? `input-${key}` : key, field);
    attributes.set(option.attributeName(), key);
    command.addOption(option);
  }
  return command.action(async (options: Record<string, unknown>) => {
    const { runApplication } = await import("./run-application.ts");
    const values = Object.fromEntries(
      Object.entries(options).flatMap(([name, value]) => {
        const key = attributes.get(name);
        return key === undefined ? [] : [[key, value]];
      }),
    );
    const { output, saveFrames, device, json } = options as {
      output?: string;
      saveFrames?: string;
      device: string;
      json?: true;
    };
    const settings: RunApplicationOptions = {
      device,
      ...(output === undefined ? {} : { output }),
      ...(saveFrames === undefined ? {} : { frames: saveFrames }),
      ...(json ? { json } : {}),
    };
    await runApplication(context, application, values, settings);
  });
}
