import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

export interface Manifest {
  /** Relative to the root, such as "packages/graph". */
  readonly folder: string;
  readonly name: string;
  readonly layer: number;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>> | string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** The manifest of every package and app, in order of name. */
export function manifests(): readonly Manifest[] {
  const groups = ["packages", "apps"].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}`),
  );
  return [...groups, "models"]
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .sort()
    .map((folder) => {
      const raw = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
      const tag: string | undefined = raw.nx?.tags?.find((t: string) => t.startsWith("layer:"));
      return {
        folder,
        name: raw.name,
        layer: Number(tag?.slice("layer:".length)),
        exports: raw.exports ?? {},
        dependencies: raw.dependencies ?? {},
        raw,
      };
    });
}

/** Every TypeScript source below a folder, relative to the root. */
export function sources(folder: string): readonly string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file) && !file.includes("node_modules") && !file.startsWith("dist"))
    .map((file) => `${folder}/${file}`);
}

/** Packages that a source imports, by their bare names ("sharp", "@prosopon/graph"). */
export function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(root, file), "utf8");
  const statement = /^(?:import|export)\s(?:[^;"]*?\sfrom\s)?"([@a-z][\w./@-]*)"|\bimport\("([@a-z][\w./@-]*)"\)/gm;
  return [...text.matchAll(statement)]
    .map((match) => (match[1] ?? match[2])!)
    .filter((name) => !name.startsWith("node:"))
    .map((name) =>
      name
        .split("/")
        .slice(0, name.startsWith("@") ? 2 : 1)
        .join("/"),
    );
}
