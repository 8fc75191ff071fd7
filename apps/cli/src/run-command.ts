import { readFileSync } from "node:fs";
import { isProsoponError } from "@prosopon/errors";
import { CommanderError } from "commander";
import { applicationArguments } from "./applications/application-commands.ts";
import { processContext } from "./context.ts";
import { oneLine } from "./one-line.ts";
import { programOf } from "./program.ts";

interface Failure {
  readonly exit: number;
  readonly code: string;
  readonly message: string;
  readonly values?: Readonly<Record<string, unknown>>;
  /** For failures that nobody foresaw. */
  readonly stack?: string | undefined;
}

function failureOf(error: unknown, signal: AbortSignal): Failure {
  // Ctrl-C reaches the child process too, whose death then looks like a crash.
  if (signal.aborted) {
    // What can be gone on with says so.
    const told = isProsoponError(error) && error.code === "cancelled" && error.mend !== undefined;
    return { exit: 130, code: "cancelled", message: told ? oneLine(error.message) : "Cancelled; nothing was written." };
  }
  if (error instanceof CommanderError) return { exit: 2, code: "bad-input", message: error.message };
  if (isProsoponError(error) && error.code !== "internal")
    return {
      exit: error.code === "cancelled" ? 130 : 2,
      code: error.code,
      message: oneLine(error.message),
      values: error.values,
    };
  const known = error instanceof Error;
  return {
    exit: 1,
    code: "unexpected",
    message: oneLine(known ? error.message : `${error}`),
    // An error from a child process brings the stack that it had there.
    stack: known ? (typeof error.cause === "string" ? error.cause : error.stack) : undefined,
  };
}

/** `main`, which `signal` cancels. */
export async function runCommand(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const context = processContext(version, signal);
  try {
    signal.throwIfAborted();
    const { modules, rest } = applicationArguments(argv, context.env);
    await (await programOf(context, rest, modules)).parseAsync(rest, { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (error instanceof CommanderError && error.code === "commander.help") return 2;
    const { exit, stack, ...failure } = failureOf(error, signal);
    context.stderr.write(`prosopon: ${failure.message}\n`);
    if (stack) context.stderr.write(`${stack}\n`);
    if (argv.includes("--json")) context.stdout.write(`${JSON.stringify({ error: failure })}\n`);
    return exit;
  }
}
