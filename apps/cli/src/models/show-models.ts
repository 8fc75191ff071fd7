import { listModels } from "@prosopon/models/node";
import type { Context } from "../context.ts";
import { modelFolders } from "../model-folders.ts";
import { oneLine } from "../one-line.ts";
import type { Reporter } from "../reporter.ts";

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** `prosopon models list`. */
export async function showModels(context: Context, reporter: Reporter): Promise<void> {
  const folders = modelFolders(context);
  const models = (await listModels(folders)).map(({ name, folder, manifest, error }) => {
    if (!manifest) return { name, folder, error: oneLine(error.message) };
    const { kind, title, domain, licence, files } = manifest;
    return { name, folder, kind, title, domain, licence, bytes: files.reduce((sum, file) => sum + file.bytes, 0) };
  });
  const rows = models.map((one) =>
    "error" in one
      ? [one.name, "broken", "", "", one.error]
      : [one.name, one.kind, one.domain, megabytes(one.bytes), one.folder],
  );
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  reporter.result(
    { command: "models list", folders, models },
    lines.length > 0 ? lines.join("\n") : `There are no models in ${folders.join(", ")}.`,
  );
}
