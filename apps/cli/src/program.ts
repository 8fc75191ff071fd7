import { Command, type CommanderError } from "commander";
import { applicationCommands } from "./applications/application-commands.ts";
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
import type { Context } from "./context.ts";
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

/** All commands, and those of applications where `argv` may mean one. What is no command line throws `CommanderError`. */
export async function programOf(
  context: Context,
  argv: readonly string[],
  modules: readonly string[],
): Promise<Command> {
  const program = new Command("prosopon")
    .description(description)
    .version(context.version)
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
      // Told once, by `main`.
      outputError: () => {},
    })
    .exitOverride((error) => refuse(program, error))
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
    inherit(command, program);
    program.addCommand(command);
  }
  return program;
}

/** Gives the settings of `parent` to a command and all below it; what is wrong with a command line then says where it is explained. */
function inherit(command: Command, parent: Command): void {
  command.copyInheritedSettings(parent).exitOverride((error) => refuse(command, error));
  for (const one of command.commands) inherit(one, command);
}

function refuse(command: Command, error: CommanderError): never {
  if (error.exitCode !== 0) {
    const names: string[] = [];
    for (let one: Command | null = command; one; one = one.parent) names.unshift(one.name());
    const [first = "", ...rest] = oneLine(error.message.replace(/^error: /, "").replace(/\n\((.+)\)$/, ". $1"));
    const message = `${first.toUpperCase()}${rest.join("")}`;
    error.message = `${message}${/[.?)]$/.test(message) ? "" : "."} See ${names.join(" ")} --help.`;
  }
  throw error;
}
