import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { manifests, root } from "./manifests.ts";

const all = manifests();

test.each(all.map((m) => [m.name, m] as const))("%s has a whole manifest", (_, m) => {
  expect(m.name).toMatch(/^(@prosopon\/[a-z-]+|prosopon)$/);
  expect(m.raw["license"]).toBe("Apache-2.0");
  expect(m.raw["type"]).toBe("module");
  expect(m.raw["version"]).toMatch(/^\d+\.\d+\.\d+$/);
  expect(String(m.raw["description"]).length).toBeGreaterThan(20);
  expect(existsSync(join(root, m.folder, "README.md"))).toBe(true);
  for (const version of Object.values(m.dependencies)) expect(version, "exact versions").toMatch(/^\d+\.\d+\.\d+$/);
});

test.each(all.map((m) => [m.name, m] as const))("every entry of %s exists, source first", (_, m) => {
  for (const entry of Object.values(m.exports)) {
    if (typeof entry === "string") continue;
    expect(Object.keys(entry)).toEqual(["@prosopon/source", "types", "default"]);
    expect(existsSync(join(root, m.folder, entry["@prosopon/source"]!))).toBe(true);
    expect(existsSync(join(root, m.folder, entry["default"]!)), `${entry["default"]} is built`).toBe(true);
  }
});
