import { ProsoponError } from "@prosopon/errors";
import { Command } from "commander";
import type { Context } from "../context.ts";
import { numberOption } from "../number-option.ts";
import { createReporter } from "../reporter.ts";

export interface PortraitOptions {
  readonly seed?: number;
  /** A photograph to draw after. */
  readonly like?: string;
  readonly face?: number;
  readonly emotion?: string;
  readonly intensity?: 1 | 2 | 3;
  readonly sheet?: { readonly rows: number; readonly columns: number };
  readonly size: number;
  readonly output: string;
  readonly json?: true;
}

const examples = `
Examples:
  prosopon portrait --seed 7 -o person.png
  prosopon portrait --seed 7 --emotion happy --intensity 3 --size 512 -o happy.png
  prosopon portrait --seed 1 --sheet 3x8 -o sheet.png
  prosopon portrait --like photo.jpg --size 256 -o avatar.png --json`;

/** "3x8". @throws `bad-input`. */
function parseSheet(text: string): { readonly rows: number; readonly columns: number } {
  const [, rows, columns] = /^(\d{1,2})x(\d{1,2})$/.exec(text) ?? [];
  if (Number(rows) > 0 && Number(columns) > 0) return { rows: Number(rows), columns: Number(columns) };
  throw new ProsoponError("bad-input", `--sheet ${text} is no number of rows and columns.`, {
    values: { sheet: text },
    mend: "Write ROWSxCOLUMNS, each 1 to 99, such as 3x8.",
  });
}

export const portraitCommand = (context: Context): Command =>
  new Command("portrait")
    .description("draw people that do not exist, or somebody like a photograph")
    .option("--seed <number>", "which person", numberOption("seed", { least: 0, whole: true }))
    .option("--like <photo>", "draw somebody like the person of this photograph; their agreement is yours to have")
    .option("--face <n>", "with --like: which face, the largest is 1", numberOption("face", { least: 1, whole: true }))
    .option("--emotion <emotion>", "default: drawn by the seed")
    .option(
      "--intensity <1..3>",
      "1 slight, 2 clear, 3 strong",
      numberOption("intensity", { least: 1, most: 3, whole: true }),
    )
    .option("--sheet <ROWSxCOLUMNS>", "a sheet of many people", parseSheet)
    .option("--size <pixels>", "side of a portrait", numberOption("size", { least: 16, most: 2048, whole: true }), 128)
    .requiredOption("-o, --output <file>", "where to write: .png, .jpg or .webp")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examples)
    .action(async (options: PortraitOptions) => {
      const { seed, like, face, size, output } = options;
      const reporter = createReporter(context, options.json === true);
      if ((seed === undefined) === (like === undefined))
        throw new ProsoponError("bad-input", "Exactly one of --seed and --like is needed.", {
          mend: "Give --seed with a number, or --like with a photograph.",
        });
      if (like === undefined && face !== undefined)
        throw new ProsoponError("bad-input", "--face chooses from a photograph.", { mend: "Give --like with one." });
      if (like !== undefined) {
        const other = (["emotion", "intensity", "sheet"] as const).find((name) => options[name] !== undefined);
        if (other)
          throw new ProsoponError("bad-input", `--${other} does not go with --like, whose portrait is neutral.`, {
            values: { option: other },
            mend: "Change the emotion afterwards with prosopon reenact.",
          });
        const { likePortrait } = await import("../portrait/like-portrait.ts");
        await likePortrait(context, reporter, { like, face, size, output });
        return;
      }
      const { drawPortrait } = await import("../portrait/draw-portrait.ts");
      await drawPortrait(context, reporter, { ...options, seed: seed! });
    });
