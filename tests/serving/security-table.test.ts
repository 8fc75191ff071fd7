import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("every file that the security table names is there, and every row names a test", () => {
  const [, table = ""] = readFileSync(`${root}docs/gateway.md`, "utf8").split("## Security, row by row");
  const rows = table.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| rule"));
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) {
    const [, , , tested = ""] = row.split("|");
    expect(/\bS\b|\.(test|full)\.ts/.test(tested), row).toBe(true);
    for (const [, path = ""] of row.matchAll(/`([a-z-]+\/[\w./-]+\.ts)`/g))
      expect(existsSync(`${root}${path}`), path).toBe(true);
  }
});
