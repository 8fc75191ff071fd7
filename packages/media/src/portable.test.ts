import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** All modules that `entry` reaches through relative imports, and the packages that they import. */
function reached(entry: string): Set<string> {
  const found = new Set<string>();
  const visit = (file: URL): void => {
    if (found.has(file.href)) return;
    found.add(file.href);
    for (const [, specifier] of readFileSync(file, "utf8").matchAll(/from "([^"]+)"/g)) {
      if (specifier!.startsWith(".")) visit(new URL(specifier!, file));
      else found.add(specifier!);
    }
  };
  visit(new URL(entry, import.meta.url));
  return found;
}

test("the main entry reaches neither Node, nor the decoder, nor the plotting library; /plot needs no Node", () => {
  const packages = (entry: string) => [...reached(entry)].filter((name) => !name.startsWith("file:"));
  expect(packages("./index.ts")).toEqual(["@prosopon/errors"]);
  expect(packages("./plot.ts").some((name) => name === "sharp" || name.startsWith("node:"))).toBe(false);
  // The walk does see such imports where they are.
  expect(packages("./node.ts")).toContain("sharp");
  for (const module of reached("./index.ts")) {
    if (module.startsWith("file:")) expect(readFileSync(new URL(module), "utf8")).not.toMatch(/\b(?:Buffer|process)\b/);
  }
});
