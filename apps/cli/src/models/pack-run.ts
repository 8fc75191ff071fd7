import { join } from "node:path";
import { packRun } from "@prosopon/recipes/node";
import type { Context } from "../context.ts";
import { homeFolder } from "../model-folders.ts";
import type { Reporter } from "../reporter.ts";

export interface PackOptions {
  readonly name: string;
  readonly firstStage?: string;
  readonly licence?: string;
  readonly json?: true;
}

/** `prosopon models pack`: a finished run becomes a model of yours. */
export async function packFinishedRun(
  context: Context,
  reporter: Reporter,
  run: string,
  { name, firstStage, licence }: PackOptions,
): Promise<void> {
  const folder = join(homeFolder(context), "models");
  const manifest = await packRun({ run, folder, name, firstStage, licence, signal: context.signal });
  reporter.result(
    { command: "models pack", run, model: { ...manifest, folder: join(folder, name) } },
    `${join(folder, name)}: ${manifest.kind}, sha256 ${manifest.files[0]!.sha256}`,
  );
}
