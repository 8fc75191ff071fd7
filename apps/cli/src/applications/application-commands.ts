import type { Command } from "commander";
import type { Context } from "../context.ts";

export interface ApplicationArguments {
  /** What `--application` before the command, and PROSOPON_APPLICATIONS, name. */
  readonly modules: readonly string[];
  /** The command line without them. */
  readonly rest: readonly string[];
}

export function applicationArguments(argv: readonly string[], env: Context["env"]): ApplicationArguments {
  const modules = (env["PROSOPON_APPLICATIONS"] ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const rest = [...argv];
  while (rest[0] === "--application" || rest[0]?.startsWith("--application=")) {
    const option = rest.shift() ?? "";
    const value = option.includes("=") ? option.slice(option.indexOf("=") + 1) : rest.shift();
    if (value) modules.push(value);
  }
  return { modules, rest };
}

/**
 * Commands for applications that have none of their own: those of `modules`, and those that come with Prosopon. Only called when the command line asks for
 * a command that is not `known`, or for help, so that all others start as fast as without.
 */
export async function applicationCommands(
  context: Context,
  modules: readonly string[],
  known: ReadonlySet<string>,
): Promise<readonly Command[]> {
  const { DEFAULT_APPLICATIONS, loadApplications } = await import("./load-applications.ts");
  const { applicationSettings } = await import("./application-settings.ts");
  const { applicationCommand } = await import("./application-command.ts");
  const options = { folder: process.cwd(), settings: applicationSettings(context) };
  const given = await loadApplications(modules, options);
  // Without them there is still help, and every other command.
  const own = await loadApplications([DEFAULT_APPLICATIONS], options).catch(() => ({ applications: [] }));
  const names = new Set(given.applications.map(({ name }) => name));
  return [...given.applications, ...own.applications.filter(({ name }) => !names.has(name))]
    .filter(({ name }) => !known.has(name))
    .map((application) => applicationCommand(context, application));
}
