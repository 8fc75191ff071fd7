import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ProsoponError } from "@prosopon/errors";

/**
 * The URL of a module: one already, a path ("./talk.mjs", from `folder`), or a package's name, looked for from `folder` and then beside this program.
 * @throws ProsoponError `not-found`.
 */
export function resolveModule(specifier: string, folder: string): string {
  if (specifier.startsWith("file:")) return specifier;
  const path = /^\.{1,2}[/\\]/.test(specifier) || isAbsolute(specifier) ? resolve(folder, specifier) : undefined;
  if (path !== undefined && existsSync(path)) return pathToFileURL(path).href;
  if (path === undefined) {
    for (const from of [join(folder, "package.json"), import.meta.url]) {
      try {
        return pathToFileURL(createRequire(from).resolve(specifier)).href;
      } catch {
        // The next place may have it.
      }
    }
  }
  throw new ProsoponError("not-found", `There is no module "${specifier}" with applications.`, {
    values: { specifier, folder },
    mend: path === undefined ? `Install it, or give a path such as ./${specifier}.mjs.` : "Check the path.",
  });
}
