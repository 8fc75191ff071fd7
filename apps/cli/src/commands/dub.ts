import { Command, Option } from "commander";
import type { Context } from "../context.ts";
import { numberOption } from "../number-option.ts";
import { createReporter } from "../reporter.ts";

export interface DubOptions {
  readonly output: string;
  readonly emotion: string;
  readonly steps?: number;
  readonly guidance?: number;
  readonly seed: number;
  readonly lost: "hold" | "pass" | "fail";
  readonly device: "auto" | "cpu" | "webgpu" | "cuda";
  readonly model?: string;
  readonly json?: true;
}

const examples = `
The mouth follows the speech; pose and all else stay as in the film. The shorter of film and speech decides the length. An emotion shows in the
lower face only. The default model only knows rendered portraits.

Examples:
  prosopon dub clip.mp4 speech.wav -o dubbed.mp4
  prosopon dub clip.mp4 speech.wav --lost fail --json -o dubbed.mp4`;

export const dubCommand = (context: Context): Command =>
  new Command("dub")
    .description("make the face of a film say something else")
    .argument("<video>", "MP4, MOV, WebM, MKV, AVI or MPEG")
    .argument("<speech>", "a recording, or a film with one")
    .requiredOption("-o, --output <file>", "where to write: .mp4 or .webm")
    .option("--emotion <emotion>", "what the lower face shows", "neutral")
    .option(
      "--steps <1..1000>",
      "network calls for each frame",
      numberOption("steps", { least: 1, most: 1000, whole: true }),
    )
    .option("--guidance <number>", "exaggerates the emotion above 1", numberOption("guidance", { least: 0, most: 20 }))
    .option("--seed <number>", "names the noise", numberOption("seed", { least: 0, whole: true }), 0)
    .addOption(
      new Option(
        "--lost <policy>",
        "where the face is not seen: hold its place for half a second, pass the frame, fail",
      )
        .choices(["hold", "pass", "fail"])
        .default("hold"),
    )
    .addOption(
      new Option("--device <name>", "where to compute").choices(["auto", "cpu", "webgpu", "cuda"]).default("cpu"),
    )
    .option("--model <name>", "a model's name, or the path of its folder (default: the first talking-face model)")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examples)
    .action(async (video: string, speech: string, options: DubOptions) => {
      const { dubFile } = await import("../dub/dub-file.ts");
      await dubFile(context, createReporter(context, options.json === true), { video, speech }, options);
    });
