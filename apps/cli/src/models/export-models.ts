import { exportModel } from "@prosopon/models/node";
import type { Context } from "../context.ts";
import { modelFolders } from "../model-folders.ts";
import type { Reporter } from "../reporter.ts";
import { byteProgress } from "./byte-progress.ts";

export interface ExportOptions {
  readonly names: "original" | "diffusers";
  readonly json?: true;
}

/** `prosopon models export`. */
export async function exportModels(
  context: Context,
  reporter: Reporter,
  name: string,
  file: string,
  { names }: ExportOptions,
): Promise<void> {
  const progress = byteProgress(reporter);
  try {
    const { tensors, values, models } = await exportModel({
      folders: modelFolders(context),
      name,
      file,
      names,
      onProgress: (at) => progress.update("writing", at),
      signal: context.signal,
    });
    progress.stop();
    reporter.result(
      { command: "models export", file, names, tensors, values, models },
      `${file}: ${tensors} tensors, ${values} values of ${models.join(" and ")}`,
    );
  } finally {
    progress.stop();
  }
}
