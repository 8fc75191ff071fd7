import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** The packages that `entry` reaches through relative imports. */
function reached(entry: string): string[] {
  const found = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: URL): void => {
    if (found.has(file.href)) return;
    found.add(file.href);
    for (const [, specifier] of readFileSync(file, "utf8").matchAll(/(?:from|import\() ?"([^"]+)"/g)) {
      if (specifier!.startsWith(".")) visit(new URL(specifier!, file));
      else packages.add(specifier!);
    }
  };
  visit(new URL(entry, import.meta.url));
  return [...packages].toSorted();
}

test("the main entry needs neither Node nor the signing library", () => {
  expect(reached("./index.ts")).toEqual(["@prosopon/errors", "@prosopon/media"]);
  // The walk does see such imports where they are.
  expect(reached("./node.ts")).toContain("node:fs");
});
