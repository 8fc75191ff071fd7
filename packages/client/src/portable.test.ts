import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const folder = new URL(".", import.meta.url);

/** The files that an entry needs, itself included, and the packages that they import. */
function reached(entry: string, seen = new Map<string, readonly string[]>()): ReadonlyMap<string, readonly string[]> {
  if (seen.has(entry)) return seen;
  const text = readFileSync(new URL(entry, folder), "utf8");
  const imports = [...text.matchAll(/^(?:import|export)\s(?!type)(?:[^;"]*?\sfrom\s)?"([^"]+)"/gm)].map(
    (match) => match[1]!,
  );
  seen.set(entry, imports);
  for (const one of imports) if (one.startsWith("./")) reached(one.slice(2), seen);
  return seen;
}
const packages = (entry: string): string[] =>
  [...new Set([...reached(entry).values()].flat().filter((name) => !name.startsWith(".")))].sort();

test("the main entry runs in a browser: it imports nothing of Node", () => {
  expect(packages("index.ts")).toEqual(["@prosopon/errors", "graphql-ws/client"]);
  // The walk would see it: the other entries do.
  expect(packages("node.ts")).toContain("ws");
  expect(readdirSync(folder).length).toBeGreaterThan(reached("index.ts").size);
});

test("the main entry uses no global of Node", () => {
  for (const file of reached("index.ts").keys()) {
    expect(readFileSync(new URL(file, folder), "utf8"), file).not.toMatch(
      /\b(Buffer|process|require|__dirname|setImmediate)\b\s*[.(]/,
    );
  }
});
