import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import type { Context } from "./context.ts";

/** Prosopon's folder of this user: PROSOPON_HOME, or where the system keeps data of programs. */
export function homeFolder({ env, home, platform }: Pick<Context, "env" | "home" | "platform">): string {
  if (env["PROSOPON_HOME"]) return resolve(env["PROSOPON_HOME"]);
  if (platform === "darwin") return join(home, "Library", "Application Support", "prosopon");
  if (platform === "win32") return join(env["LOCALAPPDATA"] ?? join(home, "AppData", "Local"), "prosopon");
  return join(env["XDG_DATA_HOME"] || join(home, ".local", "share"), "prosopon");
}

/** The folder of the models that come with Prosopon, if they are installed. */
export function defaultModels(): readonly string[] {
  try {
    return [dirname(createRequire(import.meta.url).resolve("@prosopon/models-default/package.json"))];
  } catch {
    return [];
  }
}

/** Where models are looked for, first match first. */
export const modelFolders = (context: Pick<Context, "env" | "home" | "platform">): readonly string[] => [
  join(homeFolder(context), "models"),
  ...defaultModels(),
];
