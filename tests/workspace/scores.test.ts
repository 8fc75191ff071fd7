import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");
const rows = (text: string) => text.split("\n").filter((line) => line.startsWith("|") && !line.startsWith("|---"));

test("the scores that the README shows are those of the pages that measure them", async () => {
  const readme = (await read("README.md")).split("<!-- scores -->")[1]!.split("<!-- /scores -->")[0]!;
  const pages = await Promise.all(["docs/reenactment.md", "docs/talking-face.md"].map(read));
  const measured = new Set(pages.flatMap(rows));
  expect(rows(readme).length).toBeGreaterThan(15);
  expect(rows(readme).filter((row) => !measured.has(row))).toEqual([]);
});
