import { Command } from "commander";
import type { Context } from "../context.ts";
import { createReporter } from "../reporter.ts";

const examples = `
A mark (XMP) says what made a picture or film; anyone could change it. A signature (C2PA) says that nothing was changed since, and by whom it
was signed. Both go when a file is encoded anew.

Examples:
  prosopon verify happy.png
  prosopon verify speech.mp4 --json

Exit code 2 if a signature is broken.`;

export const verifyCommand = (context: Context): Command =>
  new Command("verify")
    .description("tell where a picture or film comes from, and whether it was changed")
    .argument("<file>", "PNG, JPEG, WebP or MP4")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examples)
    .action(async (file: string, options: { readonly json?: true }) => {
      const { verifyPicture } = await import("../verify/verify-picture.ts");
      await verifyPicture(createReporter(context, options.json === true), file);
    });
