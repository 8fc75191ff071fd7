import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { ProsoponError } from "@prosopon/errors";

/** The studio's page: of @prosopon/studio when it is installed, or the folder that was given. @throws `not-found` for a folder without index.html. */
export function studioFolder(studio: boolean | string): string | undefined {
  if (studio === false) return undefined;
  if (typeof studio === "string") {
    const folder = resolve(studio);
    if (existsSync(join(folder, "index.html"))) return folder;
    throw new ProsoponError("not-found", `The folder ${folder} has no index.html.`, {
      values: { folder },
      mend: "Check the key studio.",
    });
  }
  try {
    const page = join(dirname(createRequire(import.meta.url).resolve("@prosopon/studio")), "page");
    return existsSync(join(page, "index.html")) ? page : undefined;
  } catch {
    return undefined;
  }
}
