import { readFileSync } from "node:fs";
import { isProsoponError } from "@prosopon/errors";
import { Command, CommanderError } from "commander";
import { applicationArguments, applicationCommands } from "./applications/application-commands.ts";
import { dataCommand } from "./commands/data.ts";
import { demoCommand } from "./commands/demo.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { dubCommand } from "./commands/dub.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { generateCommand } from "./commands/generate.ts";
import { interpolateCommand } from "./commands/interpolate.ts";
import { modelsCommand } from "./commands/models.ts";
import { neighboursCommand } from "./commands/neighbours.ts";
import { portraitCommand } from "./commands/portrait.ts";
import { reenactCommand } from "./commands/reenact.ts";
import { serveCommand } from "./commands/serve.ts";
import { talkCommand } from "./commands/talk.ts";
import { trainCommand } from "./commands/train.ts";
import { verifyCommand } from "./commands/verify.ts";
import { workerCommand } from "./commands/worker.ts";
import { type Context, processContext } from "./context.ts";
import { oneLine } from "./one-line.ts";

const description = "Diffusion models for faces: change an emotion, draw portraits, train, look at models.";

const examples = `
Examples:
  prosopon portrait --seed 7 -o person.png
  prosopon reenact person.png --to happy -o happy.png
  prosopon talk person.png speech.wav -o speech.mp4
  prosopon serve
  prosopon demo
  prosopon doctor

Exit codes: 0 done, 1 unexpected failure, 2 wrong input or something missing, 130 cancelled.
Your own models lie in PROSOPON_HOME/models.`;

async function programOf(context: Context, argv: readonly string[], modules: readonly string[]): Promise<Command> {
  const program = new Command("prosopon")
    .description(description)
    .version(context.version)
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
      // Told once, by `main`.
      outputError: () => {},
    })
    .exitOverride()
    .addHelpText("after", examples);
  const commands = [
    reenactCommand,
    generateCommand,
    interpolateCommand,
    neighboursCommand,
    talkCommand,
    dubCommand,
    demoCommand,
    evaluateCommand,
    portraitCommand,
    modelsCommand,
    doctorCommand,
    dataCommand,
    trainCommand,
    verifyCommand,
    serveCommand,
    workerCommand,
  ].map((make) => make(context));
  const known = new Set(commands.map((command) => command.name()));
  // Modules of applications are loaded only when the command line may mean one of theirs.
  const first = argv[0];
  const wanted =
    first === undefined || (first.startsWith("-") ? modules.length > 0 : !known.has(first) || first === "help");
  for (const command of [...commands, ...(wanted ? await applicationCommands(context, modules, known) : [])]) {
    for (const one of [command, ...command.commands]) one.copyInheritedSettings(program);
    program.addCommand(command);
  }
  return program;
}

interface Failure {
  readonly exit: number;
  readonly code: string;
  readonly message: string;
  readonly values?: Readonly<Record<string, unknown>>;
  /** For failures that nobody foresaw. */
  readonly stack?: string | undefined;
}

/** Where the options of the command that `argv` begins with are explained. */
function seeHelp(argv: readonly string[], code: string): string {
  const depth =
    (["models", "evaluate", "data"].includes(argv[0] ?? "") ? 2 : 1) - (/unknownCommand/.test(code) ? 1 : 0);
  const words = argv.slice(0, depth);
  const command = words.filter((word) => /^[a-z]/.test(word)).join(" ");
  return `See prosopon${command && ` ${command}`} --help.`;
}

function failureOf(error: unknown, signal: AbortSignal, argv: readonly string[]): Failure {
  // Ctrl-C reaches the child process too, whose death then looks like a crash.
  if (signal.aborted) {
    // What can be gone on with says so.
    const told = isProsoponError(error) && error.code === "cancelled" && error.mend !== undefined;
    return { exit: 130, code: "cancelled", message: told ? oneLine(error.message) : "Cancelled; nothing was written." };
  }
  if (error instanceof CommanderError) {
    const [first = "", ...rest] = oneLine(error.message.replace(/^error: /, ""));
    const message = `${first.toUpperCase()}${rest.join("")}`;
    return {
      exit: 2,
      code: "bad-input",
      message: `${message}${/[.?)]$/.test(message) ? "" : "."} ${seeHelp(argv, error.code)}`,
    };
  }
  if (isProsoponError(error))
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
    stack: known ? error.stack : undefined,
  };
}

/**
 * Runs the command line `argv` (without the interpreter and the script) and gives the exit code. Results go to stdout (with --json as one
 * object), all else to stderr.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Error("Ctrl-C"));
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  const context = processContext(version, controller.signal);
  try {
    const { modules, rest } = applicationArguments(argv, context.env);
    await (await programOf(context, rest, modules)).parseAsync(rest, { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (error instanceof CommanderError && error.code === "commander.help") return 2;
    const { exit, stack, ...failure } = failureOf(error, controller.signal, argv);
    context.stderr.write(`prosopon: ${failure.message}\n`);
    if (stack) context.stderr.write(`${stack}\n`);
    if (argv.includes("--json")) context.stdout.write(`${JSON.stringify({ error: failure })}\n`);
    return exit;
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}
