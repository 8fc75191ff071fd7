import { join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import { importModel } from "@prosopon/models/node";
import type { Context } from "../context.ts";
import { homeFolder } from "../model-folders.ts";
import type { Reporter } from "../reporter.ts";
import { byteProgress } from "./byte-progress.ts";

export interface ImportOptions {
  readonly config?: string;
  readonly name?: string;
  readonly raw?: true;
  readonly ema?: true;
  readonly firstStage?: string;
  readonly licence?: string;
  readonly json?: true;
}

/** `prosopon models import`: each file by itself; nothing in it is executed. */
export async function importModels(
  context: Context,
  reporter: Reporter,
  files: readonly string[],
  { config, name, raw, ema, firstStage, licence }: ImportOptions,
): Promise<void> {
  const refuse = (message: string, mend: string) => new ProsoponError("bad-input", message, { mend });
  if (raw && ema) throw refuse("--raw goes not with --ema.", "Choose one of them.");
  if (files.length > 1 && name !== undefined)
    throw refuse(`--name ${name} cannot name ${files.length} files.`, "Import them one after the other.");
  const { signal } = context;
  const folder = join(homeFolder(context), "models");
  const imported = [];
  for (const file of files) {
    const progress = byteProgress(reporter);
    try {
      const { recognised, weights, models, unused } = await importModel({
        file,
        folder,
        name,
        config,
        firstStage,
        licence,
        weights: raw ? "raw" : ema ? "ema" : undefined,
        onProgress: progress.update,
        signal,
      });
      for (const { name: model, origin } of models)
        for (const one of origin?.assumed ?? []) reporter.warn(`${model}: ${one}`);
      imported.push({
        file,
        recognised,
        weights,
        unused: unused.length,
        models: models.map((one) => ({ ...one, folder: join(folder, one.name) })),
      });
    } finally {
      progress.stop();
    }
  }
  const lines = imported.flatMap(({ file, recognised, weights, models }) => [
    `${file}: ${recognised}, ${weights === "ema" ? "averaged" : "live"} weights`,
    ...models.map((one) => `  ${one.name} (${one.kind}): ${one.folder}, sha256 ${one.files[0]!.sha256}`),
  ]);
  reporter.result({ command: "models import", imported }, lines.join("\n"));
}
