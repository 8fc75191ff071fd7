import { readFile } from "node:fs/promises";
import { samplers } from "@prosopon/reenactment/samplers";
import { expect, test } from "vitest";

test("docs/samplers.md tells of every sampler what the list does, and of no other", async () => {
  const page = await readFile(new URL("../../docs/samplers.md", import.meta.url), "utf8");
  const [, table] = page.split("| draws noise | from pure noise |\n|---|---|---:|---|---|\n");
  const rows = Object.entries(samplers).map(
    ([name, { what, calls, draws, pureNoise }]) =>
      `| \`${name}\` | ${what} | ${calls} | ${draws ? "yes" : "no"} | ${pureNoise ? "yes" : "no"} |`,
  );
  expect(table!.split("\n\n")[0]!.split("\n")).toEqual(rows);
});
